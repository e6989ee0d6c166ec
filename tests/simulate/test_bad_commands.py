"""Bad use of the command line: one line on stderr, exit 2, no traceback, nothing half-written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "bad_inputs"


def caudal(*words, cwd):
    command = [sys.executable, "-m", "caudal", *map(str, words)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)


def refused(done, *parts):
    """Check that a command was refused in one line that says certain things."""
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 2, done
    assert len(lines) == 1, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for part in parts:
        assert part in lines[0], lines[0]


REFUSED = {
    "unknown scenario": (("run", "nosuch"), ("CAU-101", "nosuch")),
    "misspelt scenario": (("run", "eradication-lead"), ("CAU-101", "Did you mean eradication-led?")),
    "misspelt lever": (("run", "--set", "aerial_spraing=1"), ("CAU-102", "Did you mean aerial_spraying?")),
    "value out of range": (("run", "--set", "aerial_spraying=1e9"), ("CAU-301", "300000", "ha/year")),
    "form of a setting": (("run", "--set", "aerial_spraying"), ("CAU-303", "LEVER=VALUE")),
    "last year too early": (("run", "--to", "1990"), ("CAU-306", "1990", "2026", "2050")),
    "no draws": (("run", "--draws", "0"), ("CAU-305", "0")),
    "draws no number": (("run", "--draws", "abc"), ("CAU-001", "abc")),
    "unknown option": (("run", "--drows", "5"), ("CAU-003", "Did you mean --draws?")),
    "unknown command": (("rum",), ("CAU-002", "Did you mean run?")),
    "bad file": (("run", FOLDER / "malformed.yaml"), ("CAU-201", "malformed.yaml, line 16")),
    "unknown profile": (("run", "--profile", "petro-goverment"), ("petro-government",)),
    "misspelt structure": (("run", "--structures", "log-gab"), ("CAU-109", "Did you mean log-gap?")),
    "misspelt stacking": (("run", "--structures", "stakced"), ("CAU-109", "Did you mean stacked?")),
    "unknown owner": (("run", "--owner", "USA"), ("CAU-315", "USA")),
    "nothing to compare": (("run", "baseline", "--robust"), ("CAU-324", "--robust")),
    "no result": (("report", "none.nc"), ("CAU-403", "none.nc")),
    "Spanish scenario": (
        ("run", "eradication-lead", "--lang", "es"),
        ("el escenario", "¿Quiso decir eradication-led?"),
    ),
    "Spanish lever": (("--lang", "es", "run", "--set", "aerial_spraing=1"), ("la palanca", "¿Quiso decir")),
    "Spanish year": (("run", "--to", "1990", "--lang", "es"), ("CAU-306", "está fuera de")),
    "Spanish option": (("run", "--drows", "5", "--lang", "es"), ("CAU-003", "no existe")),
    "Spanish number": (("run", "--draws", "abc", "--lang", "es"), ("CAU-001", "abc")),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_use_is_refused_in_one_line(case, tmp_path):
    words, parts = REFUSED[case]
    refused(caudal(*words, cwd=tmp_path), *parts)
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_folder_should_be(tmp_path):
    place = tmp_path / "out"
    place.write_text("mine")
    small = ("run", "--draws", "2", "--to", "2026", "--out")
    refused(caudal(*small, place, cwd=tmp_path), "CAU-402", str(place))
    refused(caudal(*small, place / "inside", cwd=tmp_path), "CAU-402")
    assert place.read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_damaged_result(tmp_path, lang):
    (tmp_path / "cut.nc").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(300))
    (tmp_path / "text.nc").write_text("not a result")
    said = {"en": "truncated", "es": "truncado"}[lang]
    for name in ("cut.nc", "text.nc"):
        refused(caudal("report", name, "--lang", lang, cwd=tmp_path), "CAU-404", name, said)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cut.nc", "text.nc"]


@pytest.mark.slow
def test_a_coca_file_that_is_none(tmp_path):
    small = ("run", "baseline", "--draws", "2", "--to", "2026", "--regions", "municipality", "--coca-file")
    refused(caudal(*small, "nope.csv", cwd=tmp_path), "CAU-202", "nope.csv")
    refused(caudal(*small, FOLDER / "good.yaml", cwd=tmp_path), "CAU-121", "CODMPIO")


CLOSED = {
    "levers": ("levers",),
    "params": ("params",),
    "outcomes": ("outcomes",),
    "scenarios": ("scenarios",),
    "evidence list": ("evidence", "list"),
    "evidence show": ("evidence", "show", "coca_area_unodc"),
    "evidence list json": ("evidence", "list", "--json"),
    "trace": ("trace", "coca_area"),
    "run": ("run", "baseline", "--draws", "2", "--to", "2026", "--json"),
    "help": ("--help",),
}


@pytest.mark.parametrize("case", [pytest.param(c, marks=[pytest.mark.slow] * (c == "run")) for c in CLOSED])
def test_a_reader_that_goes_away_is_no_fault(case, tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        command = [sys.executable, "-m", "caudal", *CLOSED[case]]
        done = subprocess.run(
            command, cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=120
        )
    finally:
        os.close(writing)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr
