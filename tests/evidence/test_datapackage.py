"""Any Frictionless tool can read the evidence, and the descriptor is up to date."""

import json

from frictionless import Package

from caudal.core.files import DATA
from caudal.evidence.datapackage import FILE, describe
from caudal.evidence.series import themes


def test_frictionless_accepts_every_table():
    report = Package(str(DATA / FILE)).validate()
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "note"])[:5]
    assert len(report.tasks) == len(themes())


def test_descriptor_is_written_from_the_data():
    assert json.loads((DATA / FILE).read_text(encoding="utf-8")) == describe()


def test_licence_covers_our_compilation_only():
    descriptor = describe()
    assert [item["name"] for item in descriptor["licenses"]] == ["CC-BY-4.0"]
    assert "compilation only" in descriptor["description"]
