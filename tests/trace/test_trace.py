"""Every number leads to its equation, its parameters, its data and its documents."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

from caudal.cli.trace import trace as command
from caudal.core.errors import CaudalError
from caudal.core.messages import LANGUAGES
from caudal.core.records import Bilingual
from caudal.evidence.registry import Parameter, Prior, levers, outcomes, parameters
from caudal.evidence.series import series_ids
from caudal.report import equations
from caudal.report.chains import BUILDERS
from caudal.report.equations import block_names, code, equation, home, measured, uses
from caudal.report.feeds import block_inputs, upstream
from caudal.report.latex import plain
from caudal.report.nodes import Node, equation_node, parameter_node, resting, same, source_nodes
from caudal.report.trace import Trace, dead_ends, names, trace


def run(*arguments, language="en"):
    return CliRunner().invoke(command, arguments, env={"CAUDAL_LANG": language}, catch_exceptions=True)


def kinds(found):
    """Return the kinds of the nodes of a trace."""
    return {node.kind for _, node in found.root.walk()}


def test_no_trace_has_a_dead_end():
    assert dead_ends() == []


def test_every_name_can_be_traced():
    known = names()
    assert known["parameter"] == tuple(parameters())
    assert known["lever"] == tuple(levers())
    assert known["outcome"] == tuple(outcomes())
    assert known["series"] == series_ids()
    for kind in ("parameter", "lever", "outcome", "series", "scenario"):
        for name in known[kind]:
            assert trace(f"{kind}:{name}").name == name


def test_every_parameter_leads_to_an_equation_a_line_of_code_and_what_it_rests_on():
    for name in parameters():
        found = kinds(trace(f"parameter:{name}"))
        assert {"prior", "equation", "code"} <= found, name
        assert {"source", "judgement"} & found, name


def test_every_lever_leads_to_its_record_maximum_cost_law_and_equation():
    for name in levers():
        assert {"history", "maximum", "cost", "legal", "evidence", "code", "equation"} <= kinds(
            trace(f"lever:{name}")
        ), name


def test_every_outcome_leads_to_an_equation_and_to_numbers():
    for name in outcomes():
        found = kinds(trace(f"outcome:{name}"))
        assert "equation" in found, name
        assert {"parameters", "costs", "upstream"} & found, name
        assert {"source", "judgement"} & found, name


def test_every_series_leads_from_each_figure_to_a_document():
    for name in series_ids():
        rows = [node for _, node in trace(f"series:{name}").root.walk() if node.kind == "row"]
        assert rows, name
        assert all(any(child.kind == "source" for child in row.children) for row in rows), name


def broken(**changes):
    """Return a parameter record that its own checks would refuse."""
    record = next(iter(parameters().values()))
    return Parameter.model_construct(**{**dict(record), **changes})


def test_a_number_without_document_or_judgement_is_a_dead_end(monkeypatch):
    loose = broken(known="measured", source=(), prior=Prior(family="fixed", median=1.0), fitted=False)
    monkeypatch.setitem(parameters(), "loose", loose)
    ends = [node.dead_end for _, node in parameter_node("loose").walk() if node.dead_end]
    assert ends == ["no_source"]
    whole = Trace("parameter", "loose", BUILDERS["parameter"]("loose"))
    assert any(end.endswith("no_source") for end in whole.dead_ends())
    assert any(end.endswith("unused") for end in whole.dead_ends())


def test_other_dead_ends_are_seen():
    assert resting((), "judged")[0].dead_end == ""
    assert resting((), "estimated")[0].dead_end == "no_source"
    assert source_nodes(["sup.nowhere"])[0].dead_end == "unknown_source"
    assert equation_node("model/state.py").dead_end == "no_equation"
    lost = Node("lever", Bilingual(en="a", es="a"), children=(Node("x", same("x"), dead_end="no_record"),))
    assert Trace("lever", "a", lost).dead_ends() == ["lever:lever > x: no_record"]


def test_the_kill_rate_of_spraying_names_its_paper():
    found = run("spray_kill")
    assert found.exit_code == 0
    for words in ("0.04 ha/ha", "0.02 to 0.1", "lit.E01", "Mejia, Restrepo & Rozo", "p.spray_kill"):
        assert words in found.output
    assert "model/blocks/farms.py" in found.output


def test_coca_area_reaches_its_figure_and_its_owner():
    found = run("coca_area").output
    line = next(line for line in found.splitlines() if "261,386" in line)
    assert "2024" in line
    owners = {s.owner for s in trace("coca_area").root.cited()}
    assert any("UNODC" in owner for owner in owners)
    assert "Coca area, UNODC" in found
    assert "spray_kill" in found
    assert "coca_area = " in found


def test_a_trace_speaks_spanish():
    found = run("spray_kill", language="es").output
    assert "Coca eliminada por hectárea fumigada" in found
    assert "0,04 ha/ha" in found
    assert "Documentos (" in found
    assert all(set(node.title.model_dump()) == set(LANGUAGES) for _, node in trace("spray_kill").root.walk())


def test_a_trace_is_machine_readable():
    document = json.loads(run("spray_kill", "--json").output)
    assert document["kind"] == "parameter"
    assert document["dead_ends"] == []
    assert document["sources"]["lit.E01"]["owner"] == "Mejia"
    assert document["tree"]["value"] == parameters()["spray_kill"].prior.median


def test_a_name_of_two_kinds_offers_the_other():
    assert trace("us_consumption").kind == "outcome"
    assert trace("us_consumption").also == ("series:us_consumption",)
    assert trace("series:us_consumption").kind == "series"
    assert "series:us_consumption" in run("us_consumption").output


def test_an_alias_leads_to_its_scenario_and_a_document_to_what_cites_it():
    assert trace("zero-tolerance").name == "eradication-led"
    assert "spray_kill" in run("lit.E01").output


@pytest.mark.parametrize(
    ("name", "code", "nearest"),
    [
        ("spray_kil", "CAU-107", "spray_kill"),
        ("coca_aera", "CAU-107", "coca_area"),
        ("lever:aerial_spraing", "CAU-102", "aerial_spraying"),
        ("parameter:spray_kil", "CAU-104", "spray_kill"),
        ("series:us_consumtion", "CAU-110", "us_consumption"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(name, code, nearest):
    with pytest.raises(CaudalError, match=code) as refused:
        trace(name)
    assert nearest in str(refused.value)


class Links(HTMLParser):
    """Collects the anchors and addresses of a page."""

    def __init__(self):
        super().__init__()
        self.ids, self.inside, self.outside, self.loaded = set(), set(), set(), set()

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids.add(found.get("id"))
        link = found.get("href") or ""
        (self.inside if link.startswith("#") else self.outside).add(link.lstrip("#"))
        if tag in ("script", "link", "img", "iframe"):
            self.loaded.add(tag)


def test_a_trace_is_one_self_contained_page(tmp_path):
    page = tmp_path / "trace.html"
    assert run("aerial_spraying", "--html", str(page)).exit_code == 0
    content = page.read_text(encoding="utf-8")
    links = Links()
    links.feed(content)
    assert links.loaded == set()
    assert {name for name in links.inside if name} <= links.ids
    assert "Mejia" in content
    assert "172,251.5" in content
    assert [path.name for path in tmp_path.iterdir()] == ["trace.html"]


def test_a_page_that_cannot_be_written_is_refused(tmp_path):
    found = run("spray_kill", "--html", str(tmp_path / "missing" / "trace.html"))
    assert isinstance(found.exception, CaudalError)
    assert found.exception.code == "CAU-402"


def test_a_trace_loads_no_simulator():
    probe = (
        "import sys; sys.argv = ['caudal', 'trace', 'coca_area']\n"
        "from caudal.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "sys.exit(bool({'jax', 'xarray', 'pint'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", probe], capture_output=True, timeout=60).returncode == 0


@pytest.mark.slow
def test_a_saved_result_tells_how_it_was_made(tmp_path):
    import caudal

    path = caudal.run(["baseline", "eradication-led"], draws=4, to=2027).save(tmp_path / "result.nc")
    found = run(str(path)).output
    for words in (
        "seed",
        "coca_area",
        "eradication-led",
        "Equation, model/blocks/farms.py",
        "Coca area, UNODC",
    ):
        assert words.lower() in found.lower()
    assert "those of this result" in found
    document = json.loads(run(str(path), "--json").output)
    assert document["kind"] == "result"
    assert document["dead_ends"] == []


def test_a_result_that_is_missing_is_refused(tmp_path):
    found = run(str(tmp_path / "none.nc"))
    assert isinstance(found.exception, CaudalError)
    assert found.exception.code == "CAU-403"


# Equations read as text


@pytest.mark.parametrize("block", [*block_names(), "cost"])
def test_every_equation_reads_as_plain_text(block):
    found = equation(home(block))
    assert found is not None
    assert not re.search(r"[\\{}]", found.plain)
    assert not any(re.search(r"[\\{}]|``|:math:", words) for words in (found.title, *found.words))


def test_latex_becomes_plain_text():
    assert plain(r"A^*_r = \bar A_r \frac{x_r}{1+x_r} e^{-a\,E}") == "A^*_r = A\u0304_r x_r/(1+x_r) e^(-a E)"
    assert plain(r"\ln\frac{p}{q} \le \sum_m x_{m,t}^2") == "ln(p/q) ≤ Σ_m x_(m,t)²"
    assert plain(r"a = b,\quad c = d") == "a = b\nc = d"


def test_uses_are_statements_of_the_model():
    assert any("p.spray_kill" in use.code for use in uses("parameter", "spray_kill"))
    assert {use.file for use in uses("lever", "payment_reliability")} >= {"model/step.py"}
    for kind, records in (("parameter", parameters()), ("lever", levers())):
        for name in records:
            for use in uses(kind, name):
                assert use.file in code(), name


def test_inputs_lead_to_series():
    assert "cop_per_usd" in block_inputs(home("farms"))["exchange"]
    assert "synthetic_opioid_deaths" in block_inputs(home("deaths"))["fentanyl"]


def test_a_block_rests_on_those_whose_flows_it_takes():
    assert {"prices", "trade"} <= set(upstream("money"))
    assert "money" not in upstream("prices")


def test_outcomes_are_found_in_the_measures():
    assert measured("coca_area")[-1].startswith("coca_area = ")
    missing = [n for n, o in outcomes().items() if not measured(n) and o.block != "cost"]
    assert missing == []


def test_public_cost_is_what_its_equation_says():
    import numpy as np

    from caudal.simulate.policy import AIDED, DONE, PAYERS, public_cost

    rng = np.random.default_rng(3)
    paths = {name: rng.uniform(0.0, 2.0, 3) for name in levers()}
    unit = {name: rng.uniform(0.0, 9.0, 2) for name in levers()}
    done = {outcome: rng.uniform(0.0, 2.0, (2, 3)) for outcome in DONE.values()}
    received = {"us_aid_for_security": "us_aid_military", "us_aid_for_development": "us_aid_social"}
    done |= {outcome: np.ones((2, 1)) * paths[name] / 1e6 for outcome, name in received.items()}
    found = public_cost(paths, unit, done, paths)  # aid at its usual level
    for payer, outcome in PAYERS.items():
        total = 0.0
        for name, record in levers().items():
            used = done[DONE[name]] if name in DONE else paths[name][None, :]
            shares = record.cost.payer
            if (
                name in AIDED
            ):  # the United States pays its share as decided, Colombia the rest of what is done
                theirs = shares.get("united_states", 0.0) * unit[name][:, None] * paths[name]
                ours = np.maximum(unit[name][:, None] * used - theirs, 0.0)
                total = total + {"colombia": ours, "united_states": theirs}.get(payer, 0.0)
                continue
            paid = (
                paths["substitution_enrolment"] * paths["substitution_payment"] * paths["payment_reliability"]
            )
            extra = paid[None, :] if name == "substitution_enrolment" else 0.0
            total = total + record.cost.payer.get(payer, 0.0) * (unit[name][:, None] * used + extra)
        np.testing.assert_allclose(found[outcome], total / 1e6)
    assert equations.home("cost") == "simulate/policy.py"


def test_aid_that_departs_from_its_usual_level_counts_dollar_for_dollar():
    import numpy as np

    from caudal.simulate.policy import public_cost

    usual = {name: np.ones(1) for name in levers()} | {"us_aid_military": np.array([2e8])}
    unit = {name: np.full(1, record.cost.value) for name, record in levers().items()}
    kept, cut = (
        public_cost({**usual, "us_aid_military": np.array([aid])}, unit, {}, usual) for aid in (2e8, 5e7)
    )
    np.testing.assert_allclose(kept["public_cost_us"] - cut["public_cost_us"], 150.0, rtol=1e-9)
    assert cut["public_cost_colombia"] > kept["public_cost_colombia"]  # the same done with less aid
