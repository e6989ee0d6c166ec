"""Write the generated parts again: figure, run output and fit line of the READMEs, and pages of docs.

The pages are docs/blocks.md, docs/model and docs/validation. Run by ``make docs``;
``python docs/refresh.py model`` writes docs/model alone. Everything comes from the commands a reader
can run, and from the records.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from caudal.core.writing import write_whole

ROOT = Path(__file__).resolve().parent.parent
READMES = {"en": ROOT / "README.md", "es": ROOT / "README.es.md"}
SHOWN = 30
"""Lines of the run's output that the README quotes."""


def caudal(*arguments: str) -> str:
    """Return what a command prints."""
    command = [sys.executable, "-m", "caudal", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout


def replace(path: Path, name: str, block: str) -> None:
    """Put a block between ``<!-- name -->`` and ``<!-- /name -->``."""
    page = path.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    page, count = pattern.subn(lambda found: f"{found[1]}{block.rstrip()}\n{found[2]}", page)
    if count != 1:
        raise SystemExit(f"{path.name}: expected one block <!-- {name} -->")
    write_whole(path, page)


def model_pages() -> None:
    """Write the pages of the blocks."""
    from caudal.report.blockpages import write_block_pages

    write_block_pages(ROOT / "docs" / "model")


def main() -> None:
    """Refresh both READMEs, the figure, the table of mechanisms, and the pages of blocks and validation."""
    from caudal.cli.calibrate import area_line
    from caudal.simulate.posterior import fitted

    with tempfile.TemporaryDirectory() as folder:
        printed = {"en": caudal("run", "--out", folder)}
        result = f"{folder}/result.nc"
        caudal("report", result, "--figure", "coca_area", "--out", "docs/figures/area.svg")
        printed["es"] = caudal("--lang", "es", "report", result)
    for language, path in READMES.items():
        lines = printed[language].splitlines()[:SHOWN]
        replace(path, "run", "```\n" + "\n".join(lines).rstrip() + "\n...\n```")
        replace(path, "fit", f"> {area_line(fitted()['national_area'], language)}")
    table = subprocess.run(
        [sys.executable, "-m", "caudal.explore.page"], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout
    write_whole(ROOT / "docs" / "blocks.md", table)
    subprocess.run([sys.executable, "-m", "caudal.report.validationpages"], check=True, cwd=ROOT)
    model_pages()


if __name__ == "__main__":
    if sys.argv[1:] == ["model"]:
        model_pages()
    else:
        main()
