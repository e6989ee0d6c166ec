"""The pages of the blocks are what the generator writes from docstrings and records."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from caudal.evidence.registry import levers, outcomes, parameters
from caudal.report.blockpages import page_names, write_block_pages
from caudal.report.equations import block_names, uses

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "model"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    write_block_pages(folder)
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}


def test_the_committed_pages_are_those_the_generator_writes(written):
    committed = {path.name: path.read_text(encoding="utf-8") for path in COMMITTED.glob("*.md")}
    assert set(committed) == set(written), "write them again: python docs/refresh.py model"
    stale = [name for name in written if committed[name] != written[name]]
    assert stale == [], "write them again: python docs/refresh.py model"


def test_there_is_a_page_for_every_block_and_an_index_of_them(written):
    assert set(written) == {"index.md", *(f"{name}.md" for name in page_names())}
    assert set(block_names()) <= set(page_names())
    for name in page_names():
        assert f"({name}.md)" in written["index.md"]


def test_every_parameter_lever_and_outcome_is_on_a_page(written):
    for name, record in parameters().items():
        assert f"| `{name}` |" in written[f"{record.block}.md"]
    for name, record in outcomes().items():
        assert f"| `{name}` |" in written[f"{record.block}.md"]
    for name in levers():
        files = {use.file for use in uses("lever", name)}
        pages = {Path(file).stem for file in files if "blocks" in file}
        assert all(f"| `{name}` |" in written[f"{block}.md"] for block in pages), name


def test_equations_are_kept_as_math(written):
    for block in block_names():
        assert "```math" in written[f"{block}.md"], block
        assert ":math:" not in written[f"{block}.md"]
        assert ".. math" not in written[f"{block}.md"]


def test_tables_are_whole(written):
    for name, page in written.items():
        for table in re.findall(r"(?:^\|.*\|$\n)+", page, re.MULTILINE):
            widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
            assert len(widths) == 1, f"{name}: {table[:80]}"


def test_pages_of_blocks_that_are_gone_are_removed(tmp_path):
    write_block_pages(tmp_path)
    first = (tmp_path / "index.md").read_text(encoding="utf-8").splitlines()[0]
    (tmp_path / "gone.md").write_text(f"{first}\n# gone\n", encoding="utf-8")
    (tmp_path / "mine.md").write_text("# Written by hand\n", encoding="utf-8")
    write_block_pages(tmp_path)
    assert not (tmp_path / "gone.md").exists()
    assert (tmp_path / "mine.md").exists()
