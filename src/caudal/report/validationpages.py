"""The pages on validation, from the results that are shipped, misses first.

``python -m caudal.report.validationpages docs/validation`` writes them, with an index that begins with
what was missed.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from caudal.calibrate import coverage, results
from caudal.calibrate.coverage import Covered
from caudal.calibrate.results import Results
from caudal.calibrate.thresholds import thresholds
from caudal.core.messages import text
from caudal.core.writing import write_whole
from caudal.evidence.structures import structures
from caudal.explore import robustness
from caudal.explore.verdicts import stored_verdicts
from caudal.report.backtestpage import backtest_page
from caudal.report.calibrationpage import bands_missed, calibration_page
from caudal.report.effectspage import differences_page, effects_page
from caudal.report.robustnesspage import robustness_page
from caudal.report.structurespage import structures_page
from caudal.report.validationtext import ENGLISH, number, render
from caudal.simulate.posterior import FOLDER, WEIGHTS, Posterior, posterior, weights


def index_page(found: Results, history: Covered, about: Mapping[str, Any], made: Collection[str] = ()) -> str:
    """Return the index, which begins with what was missed, of the pages that were made and of others."""
    missed = [bar for bar in thresholds(found) if bar.standing == "missed"]
    lines = [
        f"{text(f'backtest.threshold_{bar.name}', ENGLISH)}: {number(bar.value)} "
        f"({text(f'backtest.kind_{bar.kind}', ENGLISH)}; [back-test](backtest.md))"
        for bar in missed
    ]
    lines += [f"{line} ([calibration](calibration.md))" for line in bands_missed(history)]
    return render("index", missed=lines, last=about["last"], scored=sorted(found.scopes["all"]), made=made)


def shipped_fits() -> dict[str, Posterior]:
    """Return the posterior of every structure that has one."""
    return {n: posterior(n) for n in structures() if (FOLDER / n).with_suffix(".npz").exists()}


def pages() -> dict[str, str]:
    """Return every page by file name whose results are shipped."""
    effects, fitted = stored_verdicts(), posterior()
    made = {"effects.md": effects_page(effects), "differences.md": differences_page(effects)}
    if robustness.STORED.exists():
        made["robustness.md"] = robustness_page(robustness.stored_robustness(), robustness.stored())
    if not (coverage.PATH.exists() and results.PATH.exists()):
        return made
    found, history = results.stored(), coverage.stored()
    made |= {
        "calibration.md": calibration_page(fitted, history),
        "backtest.md": backtest_page(found, history),
    }
    if WEIGHTS.exists():
        made["structures.md"] = structures_page(found, weights(), shipped_fits())
    return made | {"README.md": index_page(found, history, fitted.about, made)}


def write(folder: Path) -> None:
    """Write every page into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in pages().items():
        write_whole(folder / name, page)


if __name__ == "__main__":
    write(Path(sys.argv[1] if sys.argv[1:] else "docs/validation"))
