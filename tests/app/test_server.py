"""The server: the engine's digits, strict headers, and one line for everything that cannot be."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest
from starlette.testclient import TestClient

import caudal as cd
from caudal.app.queue import Queue
from caudal.app.server import create_app
from caudal.calibrate.results import stored
from caudal.calibrate.thresholds import STANDINGS
from caudal.evidence.readings import readings
from caudal.evidence.series import series, themes
from caudal.simulate.run import run
from caudal.simulate.scenario import scenario

CHANGE = {"lever": "manual_eradication", "value": 60000, "year": 2027, "ramp": 2, "departments": ["NARIÑO"]}
ASKED = {"packages": [{}, {"changes": [CHANGE]}], "draws": 6, "to": 2030}
HOST = "http://127.0.0.1:8350"


@pytest.fixture(scope="module")
def client():
    return TestClient(create_app(), base_url=HOST, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def answer(client):
    told = client.post("/api/run", json=ASKED | {"sequence": 7, "regional": ["coca_area_department"]})
    assert told.status_code == 200, told.text
    return told.json()


@pytest.fixture(scope="module")
def result():
    changed = scenario("baseline").set(manual_eradication=(60_000.0, 2027, 2, ("NARIÑO",)))
    return run(["baseline", changed], draws=6, to=2030, framings=False)


def refused(told, status, code, language="en"):
    assert told.status_code == status, told.text
    assert told.headers["content-type"] == "application/problem+json"
    assert told.json()["code"] == code
    assert "\n" not in told.json()["detail"]
    assert "Traceback" not in told.text
    return told.json()


def test_web_and_python_give_the_same_digits(answer, result):
    assert [one["digest"] for one in answer["packages"]] == list(result.digests.values())
    name, other = result.scenarios
    for outcome, told in answer["packages"][1]["outcomes"].items():
        own = result.comparison(outcome, other, name)
        assert told["fan"]["p50"] == own.median.tolist()
        assert told["fan"]["p95"] == own.p95.tolist()
        assert told["difference"]["p05"] == own.diff_p05.tolist()
        assert told["p_lower"] == own.p_lower.tolist()
    assert answer["years"] == list(result.years)
    assert answer["sequence"] == 7


def test_regions_are_those_of_the_result(answer, result):
    ds = result.ds["coca_area_department_quantile"].sel(quantile=0.5, region="NARIÑO")
    told = answer["packages"][1]["regional"]["coca_area_department"]["NARIÑO"]
    assert told["p50"] == pytest.approx(ds[1].values.tolist(), rel=1e-12)


@pytest.mark.slow
def test_the_command_gives_the_same_digest(answer, tmp_path):
    words = "run baseline --set manual_eradication=60000@2027+2:NARIÑO --draws 6 --to 2030 --json --out"
    told = subprocess.run(
        [sys.executable, "-m", "caudal", *words.split(), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    digests = json.loads(told.stdout)["record"]["digests"]
    assert list(digests.values()) == [one["digest"] for one in answer["packages"]]


def test_the_code_shown_gives_what_is_shown(client, answer):
    told = client.post("/api/code", json=ASKED).json()
    made = {}
    exec(told["python"], made)
    assert list(made["r"].digests.values()) == [one["digest"] for one in answer["packages"]]
    assert told["cli"].startswith("caudal run baseline --set 'manual_eradication=60000@2027+2:NARIÑO'")


def test_an_assumption_moves_the_reference_and_is_told(client, answer):
    told = client.post("/api/run", json=ASKED | {"assume": {"spray_kill": 0.1, "choice_slope": 0.5}}).json()
    assert told["about"]["assumed"] == {"spray_kill": 0.1, "choice_slope": 0.5}
    assert told["packages"][0]["digest"] != answer["packages"][0]["digest"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"packages": [{"changes": [CHANGE | {"lever": "manual_eradicatoin"}]}]}, "CAU-102"),
        ({"packages": [{"changes": [CHANGE | {"value": 1e9}]}]}, "CAU-301"),
        ({"packages": [{"changes": [CHANGE | {"year": 1990}]}]}, "CAU-302"),
        ({"packages": [{"changes": [CHANGE | {"departments": ["NARINO"]}]}]}, "CAU-105"),
        ({"packages": [{"base": "../../etc/passwd.yaml"}]}, "CAU-101"),
        ({"packages": [{"base": "plan-colombia"}]}, "CAU-608"),
        ({"packages": [{}], "assume": {"spray_kil": 1}}, "CAU-104"),
        ({"packages": [{}], "assume": {"spray_kill": 9}}, "CAU-326"),
        ({"packages": [{}], "outcomes": ["coca_aera"]}, "CAU-103"),
        ({"packages": []}, "CAU-610"),
        ({"packages": [{}], "draws": 10**9}, "CAU-610"),
        ({"packages": [{}], "surprise": 1}, "CAU-610"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(client, asked, code):
    refused(client.post("/api/run", json={"draws": 2, "to": 2027} | asked), 422, code)


def test_the_nearest_name_is_offered_in_the_language_asked_for(client):
    asked = {"packages": [{"changes": [CHANGE | {"lever": "manual_eradicatoin"}]}]}
    told = client.post("/api/run?lang=es", json=asked).json()
    assert told["nearest"] == "manual_eradication"
    assert "no existe" in told["detail"]


def test_bad_bodies_are_refused(client):
    refused(
        client.post("/api/run", content=b" " * 10_000_000, headers={"content-type": "application/json"}),
        413,
        "CAU-601",
    )
    refused(client.post("/api/run", content=b"a: 1", headers={"content-type": "text/yaml"}), 415, "CAU-602")
    refused(
        client.post("/api/run", content=b"{", headers={"content-type": "application/json"}), 422, "CAU-610"
    )


def test_a_body_of_unknown_length_is_refused_too(client):
    def parts():
        for _ in range(30):
            yield b" " * 100_000

    refused(
        client.post("/api/run", content=parts(), headers={"content-type": "application/json"}), 413, "CAU-601"
    )


@pytest.mark.parametrize(
    "path", ["/api/nothing", "/api/levers/..%2f..%2fetc/sheet", "/assets/%2e%2e/%2e%2e/server.py"]
)
def test_what_is_not_there_is_told(client, path):
    refused(client.get(path), 404, "CAU-606")


def test_foreign_hosts_and_pages_are_turned_away(client):
    refused(client.get("/health", headers={"host": "evil.example"}), 421, "CAU-603")
    refused(client.post("/api/run", json=ASKED, headers={"origin": "http://evil.example"}), 403, "CAU-604")
    assert client.post("/api/code", json=ASKED, headers={"origin": HOST}).status_code == 200
    refused(client.delete("/api/run"), 405, "CAU-607")


@pytest.mark.parametrize("path", ["/health", "/api/nothing", "/openapi.json"])
def test_every_answer_carries_the_strict_headers(client, path):
    headers = client.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'self';")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in headers


def test_a_full_queue_says_when_to_come_back():
    full = TestClient(create_app(queue=Queue(waiting=0)), base_url=HOST)
    told = full.post("/api/run", json=ASKED)
    refused(told, 503, "CAU-605")
    assert int(told.headers["retry-after"]) > 0


def test_what_is_offered_is_what_the_records_hold(client):
    told = client.get("/api/catalogue?lang=es").json()
    assert [one["id"] for one in told["levers"]] == list(cd.levers())
    assert told["levers"][0]["label"] == cd.levers()["aerial_spraying"].label.es
    area = next(one for one in told["outcomes"] if one["id"] == "coca_area")
    assert {one["series"] for one in area["observed"]} == {"coca_area_unodc", "coca_area_us"}
    assert {one["id"] for one in told["parameters"]} == set(cd.parameters())


def test_the_back_test_is_told_as_stored_with_what_was_missed_first(client):
    told = client.get("/api/backtest?lang=es").json()
    standings = [bar["standing"] for bar in told["bars"]]
    assert standings == sorted(standings, key=STANDINGS.index)
    assert "missed" in standings
    area = next(one for one in told["targets"] if one["id"] == "area")["scopes"]
    assert area["held_out"]["skill"]["value"] == stored().summary("model", "area", "held_out").skill.value
    band = next(one for one in told["bands"] if one["id"] == "us_deaths")
    assert band["label"] == readings()["us_deaths"].label.es
    assert all(a <= b for a, b in zip(band["low_90"], band["high_90"], strict=True) if a is not None)


def test_series_are_told_with_rivals_apart_and_owners(client):
    listed = client.get("/api/series").json()
    assert [one["id"] for one in listed] == [n for names in themes().values() for n in names]
    told = client.get("/api/series/coca_area_unodc").json()
    record = series("coca_area_unodc")
    assert told["entity"] == "Colombia"
    assert [v["value"] for v in told["values"]] == [row.value for row in record.values("Colombia")]
    assert set(told["rivals"]) == set(record.rivals)
    assert {n for v in told["values"] for n in v["sources"]} == {one["id"] for one in told["sources"]}
    peru = client.get("/api/series/coca_area_unodc?entity=Peru").json()
    assert {v["entity"] for v in peru["values"]} == {"Peru"}
    refused(client.get("/api/series/coca_area_unodc?entity=Peruu"), 422, "CAU-113")
    assert refused(client.get("/api/series/coca_area_unod"), 422, "CAU-110")["nearest"] == "coca_area_unodc"


@pytest.mark.parametrize("path", ["/api/levers/aerial_spraying/sheet", "/api/trace/coca_area", "/api/model"])
def test_records_are_told_in_both_languages(client, path):
    english, spanish = (client.get(f"{path}?lang={code}") for code in ("en", "es"))
    assert english.status_code == spanish.status_code == 200
    assert english.json() != spanish.json()


@pytest.fixture(scope="module")
def served():
    """Return the address of a real server."""
    command = [sys.executable, "-m", "caudal", "serve", "--port", "0", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.terminate()
        process.communicate(timeout=60)


@pytest.mark.slow
def test_two_hundred_at_once_are_answered_or_told_to_come_back(served):
    asked = ASKED | {"packages": [{}]}
    with httpx.Client(base_url=served, timeout=120, limits=httpx.Limits(max_connections=200)) as many:
        first = many.post("/api/run", json=asked).json()["packages"][0]["digest"]
        with ThreadPoolExecutor(200) as people:
            told = list(people.map(lambda _: many.post("/api/run", json=asked), range(200)))
        assert {one.status_code for one in told} <= {200, 503}
        digests = {one.json()["packages"][0]["digest"] for one in told if one.status_code == 200}
        assert digests == {first}
        assert all(int(one.headers["retry-after"]) for one in told if one.status_code == 503)
        assert many.get("/health").status_code == 200


def test_another_address_than_loopback_needs_to_be_allowed():
    words = [sys.executable, "-m", "caudal", "serve", "--host", "0.0.0.0"]
    told = subprocess.run(words, capture_output=True, text=True)
    assert told.returncode == 2
    assert told.stderr.startswith("CAU-611: ")


def test_spending_adds_up_to_the_public_cost_that_is_shown(client, answer, result):
    told = client.post("/api/costs", json=ASKED).json()
    parts = [one for one in told["packages"][1]["spend"] if one["lever"] and one["payer"] == "colombia"]
    assert len(parts) > 1
    spent = np.sum([one["mean"] for one in parts], axis=0)
    shown = result.draws("public_cost_colombia", result.scenarios[1])[:, -len(told["years"]) :]
    assert spent == pytest.approx(shown.mean(axis=0), rel=1e-5)


def test_fans_are_ordered(answer):
    for one in answer["packages"][1]["outcomes"].values():
        fan = np.array(list(one["fan"].values()))
        assert np.all(np.diff(fan, axis=0) >= 0.0)
