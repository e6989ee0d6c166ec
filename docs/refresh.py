"""Write the generated parts again: figure, run output and fit line of the READMEs, and pages of docs.

The pages are docs/blocks.md, docs/model and docs/validation. Run by ``make docs``; ``python docs/refresh.py model``
writes docs/model alone. Everything comes from the commands a reader can run, and from the records.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

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
    path.write_text(page, encoding="utf-8")


def model_pages() -> None:
    """Write the pages of the blocks."""
    from caudal.report.blockpages import write_block_pages

    write_block_pages(ROOT / "docs" / "model")


def main() -> None:
    """Refresh both READMEs, the figure, the block table and the pages of the blocks."""
    from caudal.core.messages import text
    from caudal.simulate.posterior import fitted

    area = fitted()["national_area"]
    with tempfile.TemporaryDirectory() as folder:
        printed = {"en": caudal("run", "--out", folder)}
        result = f"{folder}/result.nc"
        caudal("report", result, "--figure", "coca_area", "--out", "docs/figures/area.svg")
        printed["es"] = caudal("--lang", "es", "report", result)
    for language, path in READMES.items():
        lines = printed[language].splitlines()[:SHOWN]
        replace(path, "run", "```\n" + "\n".join(lines).rstrip() + "\n...\n```")
        line = text(
            "cli.fit_area",
            language,
            last=area["years"][1],
            with_levels=f"{area['log_rmse_with_levels']:.3f}",
            without=f"{area['log_rmse_without_levels']:.3f}",
            share=f"{area['share_of_variance_mechanisms']:.2f}",
            levels=f"{area['share_of_variance_levels']:.2f}",
        )
        replace(path, "fit", f"> {line}")
    table = subprocess.run(
        [sys.executable, "-m", "caudal.explore.page"], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout
    (ROOT / "docs" / "blocks.md").write_text(table, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "caudal.report.validationpages"], check=True, cwd=ROOT)
    effects = [sys.executable, "-m", "caudal.explore.effectpages", "docs/validation"]
    subprocess.run(effects, check=True, cwd=ROOT)
    model_pages()


if __name__ == "__main__":
    if sys.argv[1:] == ["model"]:
        model_pages()
    else:
        main()
