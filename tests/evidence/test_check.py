"""The check passes on the shipped data and names each thing that is broken in a copy."""

import shutil

import pytest

from caudal.core.files import DATA
from caudal.core.messages import LANGUAGES, catalogue
from caudal.evidence import datapackage
from caudal.evidence.check import violations


@pytest.fixture
def root(tmp_path):
    for name in ("series", "sources"):
        shutil.copytree(DATA / name, tmp_path / name)
    shutil.copy(DATA / datapackage.FILE, tmp_path)
    return tmp_path


def rules(root):
    return {violation.rule for violation in violations(root)}


def replace(path, old, new):
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), encoding="utf-8")


def test_shipped_data_hold():
    assert [v.render() for v in violations()] == []


TOTAL_2024 = "coca_area_unodc,Colombia,2024,261386,ha,sup.S07,transcribed,"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new", "rule"),
    [
        ("series/coca_area.csv", TOTAL_2024, TOTAL_2024.replace("261386", "nan"), "number"),
        ("series/coca_area.csv", TOTAL_2024, TOTAL_2024.replace("261386", "-261386"), "negative"),
        ("series/coca_area.csv", TOTAL_2024, TOTAL_2024.replace("261386", "262386"), "total"),
        ("series/coca_area.csv", TOTAL_2024, TOTAL_2024.replace(",ha,", ",acre,"), "unit"),
        ("series/coca_area.csv", TOTAL_2024, TOTAL_2024.replace("2024", "lately"), "year"),
        ("series/coca_area.csv", TOTAL_2024, TOTAL_2024.replace("2024", "2023"), "duplicate_row"),
        ("series/coca_area.csv", TOTAL_2024, TOTAL_2024.replace("sup.S07", "sup.S999"), "undefined_source"),
        ("series/coca_area.csv", TOTAL_2024, TOTAL_2024.replace("transcribed", "guessed"), "quality"),
        ("series/coca_area.csv", TOTAL_2024, TOTAL_2024.replace("transcribed", "unverified"), "unverified"),
        ("series/coca_area.csv", TOTAL_2024, TOTAL_2024 + '"he said ""so"" "', "quotation"),
        ("series/coca_area.csv", TOTAL_2024, TOTAL_2024 + ",", "width"),
        (
            "series/coca_area.csv",
            TOTAL_2024,
            TOTAL_2024.replace("coca_area_unodc", "coca_ara"),
            "undescribed",
        ),
        ("series/coca_area.csv", "note\n", "note,quote\n", "columns"),
        ("series/coca_area.yaml", "- coca_area_us\n", "- coca_area_uk\n", "rival"),
        ("series/coca_area.yaml", "es: Área de coca, UNODC\n", "es: ''\n", "bilingual"),
        ("series/coca_area.yaml", "unit: ha\n", "unit: haa\n", "unreadable"),
        ("series/coca_area.yaml", "year: '1990'\n", "year: '1890'\n", "known_error"),
        ("series/coca_area.yaml", "- sup.S07\n", "- sup.S99\n", "uncited_preference"),
        ("series/coca_area.yaml", "  rivals:", "  rival:", "unreadable"),
        ("sources/supply.yaml", "sup.S07:", "sup.S1007:", "orphan"),
        ("sources/supply.yaml", "sup.S08:", "gap.G01:", "duplicate_source"),
        ("sources/supply.yaml", "  url: https://github.com/M", "  url: github.com/M", "address"),
        ("datapackage.json", '"caudal-evidence"', '"caudal"', "package"),
    ],
)
def test_each_defect_is_named(root, file, old, new, rule):
    replace(root / file, old, new)
    assert rule in rules(root)


def test_defects_are_told_with_file_and_line_in_both_languages(root):
    replace(root / "series/coca_area.csv", TOTAL_2024, TOTAL_2024.replace("261386", "x"))
    (violation,) = violations(root)
    assert violation.where.startswith("coca_area.csv:")
    assert "'x'" in violation.render()


def test_both_languages_hold_the_same_messages():
    keys = [set(catalogue(code, "evidence")) for code in LANGUAGES]
    assert keys[0] == keys[1]
