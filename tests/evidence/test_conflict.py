"""Conflict, displacement, leaders killed and aid: real figures, totals, and rivals that stay apart."""

import pytest

from caudal.evidence.registry import departments
from caudal.evidence.series import series, themes

RECORDED = {*(place.name for place in departments())}


@pytest.mark.parametrize(
    ("name", "entity", "year", "figure"),
    [
        ("ucdp_deaths_farc", "Colombia", 2002, 2_612),
        ("ucdp_deaths_all", "Colombia", 2002, 3_427),
        ("ucdp_deaths_auc", "Colombia", 2001, 1_116),
        ("cnmh_acts_of_war", "Colombia", 2002, 2_508),
        ("cnmh_massacres", "Colombia", 2001, 402),
        ("displaced_codhes", "Colombia", 2008, 380_863),
        ("leaders_killed_defensoria", "Colombia", 2018, 178),
        ("leaders_killed_defensoria", "NARIÑO", 2022, 35),
        ("massacres_indepaz", "ANTIOQUIA", 2020, 21),
        ("mass_displacement_events", "NARIÑO", 2023, 58),
        ("armed_presence_municipalities", "Colombia: Clan del Golfo", 2023, 392),
        ("us_aid_military", "Colombia", 2000, 743_100_000),
        ("us_aid_economic", "Colombia", 2002, 117_500_000),
        ("colombia_drug_war_cost", "Colombia", 2005, 1_602_000_000),
        ("seizures_eu", "EU", 2023, 419),
    ],
)
def test_published_figures(name, entity, year, figure):
    assert series(name).annual(entity)[year] == pytest.approx(figure)


def test_the_farc_leave_and_the_eln_stays_in_norte_de_santander():
    place = "NORTE DE SANTANDER"
    farc, eln, epl = (series(f"ucdp_deaths_{g}").annual(place) for g in ("farc", "eln", "epl"))
    assert max(farc) == 2014
    assert [eln[year] for year in (2016, 2017, 2018)] == [3, 11, 16]
    assert {2015, 2016} <= epl.keys()
    assert any("2018" in e.reason.en for e in series("ucdp_deaths_epl").known_errors)


def test_farc_deaths_collapse_with_the_accord():
    deaths = series("ucdp_deaths_farc").annual("Colombia")
    assert deaths[2015] == 85
    assert deaths[2016] + deaths[2017] == 4
    assert deaths[2018] == 88


@pytest.mark.parametrize("name", [n for n in themes()["conflict"] if series(n).sums_to])
def test_departments_add_up_and_are_known(name):
    record = series(name)
    parts = [e for e in record.entities() if e != "Colombia"]
    national = record.annual("Colombia")
    for year, total in national.items():
        assert sum(record.annual(e).get(year, 0.0) for e in parts) == total
    assert all(e == e.upper() or e == "Colombia: department unknown" for e in parts)
    assert RECORDED & {*parts}


@pytest.mark.parametrize("kind", ["events", "deaths"])
def test_no_group_exceeds_the_national_count(kind):
    every = series(f"ucdp_{kind}_all").annual("Colombia")
    assert sorted(every) == list(range(1989, 2019))
    for group in ("farc", "eln", "epl", "auc"):
        for year, figure in series(f"ucdp_{kind}_{group}").annual("Colombia").items():
            assert figure <= every[year]


def test_nothing_by_department_pretends_to_go_on_after_its_source():
    for name in themes()["conflict"]:
        if name.startswith("ucdp_"):
            assert all(row.year <= "2018" for row in series(name).rows)


def test_rivals_are_separate_series_that_name_each_other():
    for one, other in (
        ("leaders_killed_defensoria", "leaders_killed_indepaz"),
        ("massacres_indepaz", "cnmh_massacres"),
        ("massacres_indepaz", "massacres_defence_ministry"),
        ("displaced_codhes", "displaced_ruv"),
        ("mass_displacement_people", "mass_displacement_people_ocha"),
    ):
        assert other in series(one).rivals
        assert one in series(other).rivals
    killed = {n: series(f"leaders_killed_{n}").annual("Colombia")[2020] for n in ("defensoria", "indepaz")}
    assert killed == {"defensoria": 182, "indepaz": 310}


def test_aid_by_kind_covers_plan_colombia_and_says_what_is_a_mean():
    military, economic = (series(f"us_aid_{kind}") for kind in ("military", "economic"))
    assert set(range(1997, 2018)) <= military.annual("Colombia").keys()
    assert set(range(2000, 2018)) <= economic.annual("Colombia").keys()
    spent = sum(military.annual("Colombia")[year] for year in range(2000, 2017))
    assert spent == pytest.approx(7_060e6, rel=1e-3)
    for record, years in ((military, range(2012, 2017)), (economic, range(2011, 2016))):
        for year in years:
            assert record.value_at("Colombia", year).quality == "derived"
            assert any(e.covers("Colombia", str(year)) and e.action == "flag" for e in record.known_errors)


def test_substitution_by_department_adds_up_with_its_remainder():
    families = series("pnis_families")
    parts = [families.annual(e).get(2020, 0) for e in families.entities() if e != "Colombia"]
    assert sum(parts) == families.annual("Colombia")[2020] == 99_097
