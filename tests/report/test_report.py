"""The report: both languages, self-contained, neutral, cited, and equal to the result's numbers."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
from click.testing import CliRunner

from caudal.cli.report import report as report_command
from caudal.cli.run import with_changes
from caudal.core.errors import CaudalError
from caudal.core.messages import LANGUAGES, catalogue, use_language
from caudal.evidence.registry import outcomes
from caudal.evidence.source import sources
from caudal.report import profile
from caudal.report.answer import answer
from caudal.report.departments import departments_table, spelled
from caudal.report.figures import charts, nice_ticks
from caudal.report.html import write_report
from caudal.report.moves import lever_label, moves
from caudal.report.notes import policy_lines, recorded_together, sources_used, warnings
from caudal.report.numbers import Writer, step_of
from caudal.report.provenance import fit, repeat
from caudal.report.scope import scope
from caudal.report.summary import Cell, Summary
from caudal.report.tables import REVENUE, badge, costs, framings, rows
from caudal.report.terminal import terminal
from caudal.simulate.results import Result, open_result
from caudal.simulate.run import run
from caudal.simulate.scenario import parse_change, scenario

SCENARIOS = ("baseline", "eradication-led", "substitution-led")
NUMBER = r"[+−-]?\d[\d.,]*"


@pytest.fixture(scope="module")
def result():
    return run(SCENARIOS, draws=20, to=2030)


@pytest.fixture(scope="module")
def pages(result, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    return {
        code: write_report(result, folder / f"{code}.html", code).read_text("utf-8") for code in LANGUAGES
    }


@pytest.fixture(autouse=True)
def _english():
    use_language("en")
    yield
    use_language("en")


class Reader(HTMLParser):
    """Collects the visible text, ids, links, headings and loads of a page."""

    def __init__(self, page):
        super().__init__()
        self.words, self.ids, self.links, self.headings, self.loads = [], [], [], [], []
        self.open = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.open.append(tag)
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag == "a":
            self.links.append(attrs["href"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag in ("script", "link", "img", "iframe", "source", "object"):
            self.loads.append((tag, attrs))

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.mark.parametrize("code", LANGUAGES)
def test_page_holds_the_badge_and_the_five_sentences(result, pages, code):
    use_language(code)
    page = Reader(pages[code])
    said = answer(result, Writer(minus="−"))
    assert len(said) == 5
    assert f'<html lang="{code}">' in pages[code]
    assert badge(Summary(result)) in page.text
    for sentence in said:
        assert " ".join(sentence.split()) in page.text


@pytest.mark.parametrize("code", LANGUAGES)
def test_page_is_self_contained_and_well_formed(pages, code):
    page = Reader(pages[code])
    assert page.loads == []
    assert not re.search(r"url\(|@import|src=", pages[code])
    assert len(page.ids) == len(set(page.ids))
    assert all(link[1:] in page.ids for link in page.links if link.startswith("#"))
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in zip(page.headings, page.headings[1:], strict=False))


def test_every_cited_source_resolves_and_is_listed(result, pages):
    listed = {s.id for s in sources_used(result)}
    owners = [s.owner.lower() for s in sources_used(result)]
    assert listed <= set(sources())
    assert owners == sorted(owners)
    for lines in policy_lines(result).values():
        assert all(set(line.cites) <= listed for line in lines)
    assert all(f'id="source-{name}"' in pages["en"] for name in listed)


def test_nothing_is_better_without_a_profile(result, pages, tmp_path):
    for code, words in (("en", ("better", "worse")), ("es", ("mejor", "peor"))):
        use_language(code)
        for shown in (Reader(pages[code]).text, terminal(result)):
            assert not re.search(rf"\b({'|'.join(words)})\b", shown, re.IGNORECASE)
    use_language("en")
    judged = profile.load_profile("trump-administration")
    assert re.search(r"\bbetter\b", terminal(result, judged))
    assert re.search(
        r"\bbetter\b", write_report(result, tmp_path / "judged.html", "en", judged).read_text("utf-8")
    )


def test_profiles_are_cited_and_name_outcomes():
    for name in profile.profile_names():
        loaded = profile.load_profile(name)
        assert set(loaded.prefers) <= set(outcomes())
        assert set(loaded.cites) <= set(sources())
    with pytest.raises(CaudalError, match=r"CAU-106.*trump-administration"):
        profile.load_profile("trump-administraton")


def test_table_shows_the_numbers_of_the_result(result, pages):
    text = Reader(pages["en"]).text
    checked = 0
    for row in rows(result):
        for cell in row.cells:
            told = result.comparison(row.outcome, cell.scenario)
            exact = np.array([told.p05[-1], told.median[-1], told.p95[-1]]) / row.scale
            assert cell.level == pytest.approx(exact)
            step = step_of(*exact, digits=row.digits)
            if cell.compared:
                gaps = np.array([told.diff_p05[-1], told.diff_median[-1], told.diff_p95[-1]]) / row.scale
                assert cell.gap == pytest.approx(gaps)
                assert cell.p_lower == told.p_lower[-1]
            shown = re.search(rf"({NUMBER}) {Writer().band(exact[0], exact[2], step)}", text)
            if shown:
                assert abs(float(shown[1].replace(",", "")) - exact[1]) <= 0.5 * step * (1 + 1e-9)
                checked += 1
    assert checked > 20


@pytest.mark.parametrize("code", LANGUAGES)
def test_terminal_fits(result, code):
    use_language(code)
    lines = terminal(result, profile.load_profile("petro-government")).splitlines()
    assert max(map(len, lines)) <= 120
    assert lines[0] == badge(Summary(result)).upper()
    assert not any("\x1b" in line for line in lines)


def test_catalogues_hold_the_same_keys_and_fields():
    english, spanish = (catalogue(code, "report") for code in LANGUAGES)
    assert list(english) == list(spanish)
    for key, words in english.items():
        assert sorted(re.findall(r"\{\w+\}", words)) == sorted(re.findall(r"\{\w+\}", spanish[key])), key


def test_spanish_page_has_no_english_labels(pages):
    """Every fixed English phrase that differs in Spanish must be absent from the Spanish page."""
    english, spanish = (catalogue(code, "report") for code in LANGUAGES)
    shown = Reader(pages["es"]).text.partition(
        spanish["section_sources"] + " " + spanish["sources_note"][:10]
    )[0]
    for key, words in english.items():
        if "{" in words or len(words) < 6 or words in spanish.values():
            continue
        assert not re.search(rf"(?<!\w){re.escape(' '.join(words.split()))}(?!\w)", shown), key
    for about in outcomes().values():
        if about.label.en != about.label.es:
            assert about.label.en not in shown


def test_figures_have_words_of_their_own(result):
    drawn = charts(result)
    assert [c.outcome for c in drawn][:2] == ["coca_area", "potential_cocaine"]
    assert {d.series for d in drawn[0].dots} == {"coca_area_unodc", "coca_area_us"}
    for chart in drawn:
        assert len(chart.panels) == len(SCENARIOS)
        for panel in chart.panels:
            assert 'role="img" aria-label="' in panel.svg
            assert panel.title in panel.alternative
            assert "nan" not in panel.svg
        assert all('class="reference"' in p.svg for p in chart.panels[1:])


def test_warnings_name_the_law_and_weak_evidence(result):
    told = " ".join(warnings(result))
    assert "Aerial spraying is suspended" in told
    assert "Weak evidence" in told


@pytest.mark.slow
@pytest.mark.parametrize(
    "names", [["baseline"], ["no-policy"], ["baseline", "no-policy"], [*SCENARIOS, "no-policy"]]
)
def test_other_sets_of_scenarios_are_answered(names, tmp_path):
    one = run(names, draws=4, to=2027, framings=False)
    assert len(answer(one)) == 5
    assert max(map(len, terminal(one).splitlines())) <= 120
    assert write_report(one, tmp_path / "r.html").exists()


@pytest.mark.slow
def test_changed_levers_are_told_and_repeatable(tmp_path):
    changed = scenario("baseline").set(treatment_admissions=300_000, harm_reduction=(0.5, 2027))
    one = run(["baseline", changed], draws=4, to=2027)
    page = Reader(write_report(one, tmp_path / "r.html", "en").read_text("utf-8")).text
    assert "set by hand" in page
    assert "caudal run baseline --draws 4 --seed 1 --to 2027 --set treatment_admissions=300000@2026" in page
    assert "Outside the historical range" in page
    own = scenario("no-policy").set(payment_reliability=1.0)
    mixed = run([changed, own], draws=4, to=2027, framings=False)
    page = Reader(write_report(mixed, tmp_path / "m.html", "en").read_text("utf-8")).text
    assert "cd.run([cd.scenario('baseline').set(treatment_admissions=(300000" in page


def test_report_of_a_saved_result_needs_nothing_else(result, tmp_path, pages):
    opened = open_result(result.save(tmp_path / "r.nc"))
    assert write_report(opened, tmp_path / "r.html", "en").read_text("utf-8") == pages["en"]


def test_unwritable_place_is_one_line_and_leaves_nothing(result, tmp_path):
    with pytest.raises(CaudalError, match="CAU-402"):
        write_report(result, tmp_path / "missing" / "r.html")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_writing_a_report_loads_neither_jax_nor_matplotlib(result, tmp_path):
    saved = result.save(tmp_path / "r.nc")
    code = (
        "import sys, json, pathlib\n"
        "from caudal.simulate.results import open_result\n"
        "from caudal.report.html import write_report\n"
        f"write_report(open_result({str(saved)!r}), pathlib.Path({str(tmp_path / 'r.html')!r}))\n"
        "print(json.dumps([m for m in ('jax', 'matplotlib') if m in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def test_numbers_in_both_languages():
    english, spanish = Writer("en"), Writer("es", minus="−")
    assert english.number(1234567.0) == "1,234,567"
    assert spanish.number(-1234567.0) == "−1.234.567"
    assert english.band(120_400.0, 310_400.0, step_of(120_400.0, 310_400.0)) == "120,000 to 310,000"
    assert spanish.number(72.66, 0.1) == "72,7"
    assert english.number(-0.2) == "0"
    assert english.number(3.0, signed=True) == "+3"
    assert english.exact(0.683) == "0.683"
    assert english.runs(0.783, 500) == "78 of 100"
    assert english.runs(0.5, 20) == "10 of 20"
    assert english.runs(0.998, 500) == ">99 of 100"
    assert english.runs(0.002, 500) == "<1 of 100"
    assert english.years([2003, 2001, 2002, 2006]) == "2001-2003, 2006"
    assert step_of(8051.0, 8051.0) == 1.0


@pytest.mark.parametrize(
    ("gap", "lower", "direction"),
    [
        (-30.0, 0.9, "lower"),
        (30.0, 0.1, "higher"),
        (-30.0, 0.6, "hardly"),
        (-1.0, 0.9, "hardly"),
        (0.0, 0.0, "same"),
    ],
)
def test_direction_follows_the_numbers(gap, lower, direction):
    higher = 0.0 if direction == "same" else 1.0 - lower
    assert (
        Cell("o", "s", (0.0, 70.0, 90.0), True, (gap, gap, gap), lower, higher, 100.0).direction == direction
    )


def test_ticks_are_round_and_few():
    assert nice_ticks(9.0) == [0.0, 2.0, 4.0, 6.0, 8.0]
    assert nice_ticks(310_000.0) == [0.0, 100_000.0, 200_000.0, 300_000.0]
    assert all(len(nice_ticks(top)) <= 6 for top in np.geomspace(0.01, 1e9, 60))


def test_department_names_are_spelled():
    assert spelled("NORTE DE SANTANDER") == "Norte de Santander"
    assert spelled("BOLÍVAR") == "Bolívar"


def test_scope_and_summary_load(result):
    assert len(scope().cannot) > 5
    summary = Summary.of(result)
    assert Summary.of(summary) is summary


def rerecorded(result, change):
    """Return a result whose run record was changed."""
    record = result.record
    change(record)
    return Result(result.ds.assign_attrs(record=json.dumps(record)))


def test_a_national_run_is_reported_without_departments(result, tmp_path):
    nation = Result(result.ds.isel(region=[0]).assign_coords(region=["Colombia"]))
    one = rerecorded(nation, lambda record: record.update(regions=1))
    page = write_report(one, tmp_path / "n.html", "en").read_text("utf-8")
    assert 'id="departments"' not in page
    assert "#departments" not in page
    assert max(map(len, terminal(one).splitlines())) <= 120
    assert "--regions national" in repeat(Summary(one)).words


def test_municipalities_are_listed_without_a_record(result, tmp_path):
    places = [f"{52001 + i} PLACE" for i in range(result.ds.sizes["region"])]
    renamed = Result(result.ds.assign_coords(region=places))
    table = departments_table(Summary(renamed), Writer())
    assert (table.kind, table.year, len(table.rows)) == ("municipality", None, 12)
    page = write_report(renamed, tmp_path / "m.html", "en").read_text("utf-8")
    assert "Coca area by municipality" in page
    assert "Coca area by department" not in page


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_terminal_opens_with_the_answer(result, code):
    use_language(code)
    shown = " ".join(terminal(result).split())
    signs = catalogue(code, "report")["signs"]
    places = [shown.index(" ".join(sentence.split())) for sentence in answer(result)]
    assert places == sorted(places)
    assert places[-1] < shown.index(signs) < shown.index(rows(result)[0].label)
    assert catalogue(code, "report")["few"][:20] in shown


def test_sentences_are_short(result):
    """The default run to 2040 stays near 45 words; here a package is set apart by all three outcomes."""
    assert max(len(sentence.replace("\u00a0%", "%").split()) for sentence in answer(result)) <= 66


def test_many_runs_need_no_warning(result, pages):
    many = rerecorded(result, lambda record: record.update(draws=100))
    assert "rests on only 20 runs" in pages["en"]
    assert "rests on only" not in terminal(many)


def test_income_is_split_where_its_parts_are_known(result):
    assert "from coca" in " ".join(answer(result))
    without = Result(result.ds.drop_vars(["growers_income_coca", "substitution_payments"]))
    assert len(answer(without)) == 5
    assert "from coca" not in " ".join(answer(without))


def test_equal_cost_tells_median_and_mean(result):
    def forget(record):
        for about in record["framings"]["equal-cost"].values():
            about.pop("extra_cost_mean_million_usd", None)
            about.pop("own_extra_cost_mean_million_usd", None)

    assert all("mean of all runs" in line for line in framings(result)[0].explained)
    assert not any("mean of all runs" in line for line in framings(rerecorded(result, forget))[0].explained)


def test_moves_tell_their_years(result, pages):
    found = {(m.scenario, m.lever): m for m in moves(Summary(result))}
    ramped = found["substitution-led", "rural_roads"]
    assert ramped.span == (2026, 2028, None)
    assert ramped.when == "from 2026, in full from 2028"
    assert ramped.when in pages["en"]
    assert ramped.dated in terminal(result)


def test_framings_warn_only_of_levers_that_were_scaled(result):
    def set_factor(factor):
        def change(record):
            for scaled in record["framings"].values():
                for about in scaled.values():
                    about["factor"] = factor

        return warnings(rerecorded(result, change))

    assert not any("at equal public cost" in w or "swapped" in w for w in set_factor(1.0))
    wide = set_factor(1.5)
    assert any("Outside the historical range, " in w and "at equal public cost" in w for w in wide)
    cut = [w for w in set_factor(6.0) if w.startswith("Not scaled in full")]
    assert cut
    assert not any("Eligibility" in w or "reliab" in w for w in cut)


def test_eradication_beyond_any_recorded_year_is_told(result):
    assert recorded_together() == (pytest.approx(229_091.5), 2008)
    told = [w for w in warnings(result) if w.startswith("Outside the historical range together")]
    assert any("Eradication-led:" in w and "229,09" in w for w in told)
    assert not any("Substitution-led" in w for w in told)


def test_the_hand_over_to_the_projection_is_told(result):
    told = fit(Summary(result), Writer()).sentences[-1]
    middle = np.median(result.draws("coca_area", "baseline"), axis=0)[list(result.years).index(2026)]
    assert "policy" in told
    assert "in 2024, the last surveyed year" in told
    assert Writer().number(middle, 1000.0) in told


@pytest.mark.slow
def test_report_out_may_be_a_folder(result, tmp_path):
    saved = result.save(tmp_path / "r.nc")
    folder = tmp_path / "new" / "folder"
    done = CliRunner().invoke(report_command, [str(saved), "--out", str(folder)])
    assert done.exit_code == 0, done.output
    assert (folder / "report.html").exists()
    (tmp_path / "plain").write_text("")
    refused = CliRunner().invoke(report_command, [str(saved), "--out", str(tmp_path / "plain")])
    assert isinstance(refused.exception, CaudalError)
    assert refused.exception.code == "CAU-402"


@pytest.fixture(scope="module")
def changed():
    """Return the baseline beside its copy with one corridor hardened and a licensed supply."""
    words = ("interdiction_pacific=1", "regulated_supply=0.5", "regulated_tax=50")
    return run(with_changes([scenario("baseline")], tuple(map(parse_change, words))), draws=4, to=2030)


@pytest.mark.slow
@pytest.mark.parametrize("code", LANGUAGES)
def test_a_scenario_changed_by_hand_has_a_name_and_a_question_of_its_own(changed, code, tmp_path):
    use_language(code)
    summary = Summary.of(changed)
    assert summary.names == ["baseline", "baseline-changed"]
    assert summary.question("baseline") != summary.question("baseline-changed")
    shown = Reader(write_report(changed, tmp_path / "c.html", code).read_text("utf-8")).text
    for words in (" ".join(terminal(changed).split()), shown):
        assert summary.question("baseline-changed") in words
        assert words.count(summary.question("baseline")) == 1
    assert "caudal run baseline --draws 4" in shown


@pytest.mark.slow
@pytest.mark.parametrize("code", LANGUAGES)
def test_tax_on_a_licensed_supply_is_a_memo_beside_public_cost(changed, result, code, tmp_path):
    use_language(code)
    memo = catalogue(code, "report")["memo_revenue"]
    listed = [row.outcome for row in rows(changed)]
    assert listed[listed.index("public_cost_us") + 1] == REVENUE
    assert rows(changed)[listed.index(REVENUE)].cells[1].level[1] > 0.0
    for _, table in costs(Summary.of(changed)):
        assert table[-1].outcome == REVENUE
    assert memo in terminal(changed)
    page = Reader(write_report(changed, tmp_path / "c.html", code).read_text("utf-8")).text
    assert page.count(memo) == 3
    assert memo not in terminal(result)


@pytest.mark.slow
def test_every_corridor_is_shown_where_traffic_is_moved(changed, result, tmp_path):
    corridors = {name for name in outcomes() if name.startswith("flow_")}
    assert len(corridors) == 8
    assert corridors <= {row.outcome for row in rows(changed)}
    page = Reader(write_report(changed, tmp_path / "c.html", "en").read_text("utf-8")).text
    assert all(outcomes()[name].label.en in page for name in corridors)
    plain = run(["baseline", scenario("baseline").set(harm_reduction=0.5)], draws=2, to=2027, framings=False)
    assert not corridors & {row.outcome for row in rows(plain)}
    assert REVENUE not in {row.outcome for row in rows(plain)}


@pytest.mark.parametrize(("code", "word"), [("en", "needs a new law"), ("es", "requiere una ley nueva")])
def test_the_law_is_told_in_sentences(changed, code, word):
    use_language(code)
    told = next(
        line for line in warnings(changed) if lever_label("regulated_supply") in line and word in line
    )
    assert "is needs" not in told
    assert "está requiere" not in told


def test_coca_that_falls_on_both_sides_is_told(result):
    def with_shift(gap):
        area = result.ds["coca_area_peru_bolivia"].copy(deep=True)
        base = area.sel(scenario="baseline")
        area.loc[{"scenario": "eradication-led"}] = base + gap
        own = result.ds["coca_area"].copy(deep=True)
        own.loc[{"scenario": "eradication-led"}] = own.sel(scenario="baseline") - 10_000.0
        return warnings(Result(result.ds.assign(coca_area_peru_bolivia=area, coca_area=own)))[0]

    assert "falls in Colombia (-10,000 ha" in with_shift(-500.0)
    assert "Peru and Bolivia too (-500 ha" in with_shift(-500.0)
    assert with_shift(500.0).startswith("Leakage, Eradication-led: the rise")


@pytest.mark.slow
def test_nothing_clear_names_what_was_looked_at(result):
    own = run(["baseline", "baseline", scenario("baseline")], draws=2, to=2027, framings=False)
    assert (
        "nothing clear to coca area in Colombia, coca growers' income and potential cocaine" in answer(own)[1]
    )
