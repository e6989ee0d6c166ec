"""Which conclusions of a comparison change, and with what, in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from caudal.core.messages import text
from caudal.explore.robustness import Conclusion, Finding, Robustness, Variant, of_result
from caudal.report.numbers import Writer
from caudal.report.summary import Summary


@dataclasses.dataclass(frozen=True)
class Line:
    """One conclusion: what the report says, and what each variant that disagrees says."""

    conclusion: str
    reported: str
    changes: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Robust:
    """Conclusions that change, those that do not, and what could not be tried; each group titled."""

    title: str
    how: str
    changing: tuple[Line, ...]
    changing_title: str
    holding: tuple[Line, ...]
    holding_title: str
    untried: tuple[str, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """Return all conclusions, those that change first."""
        return self.changing + self.holding


def robust(summary: Summary, write: Writer) -> Robust | None:
    """Return the robustness that a result carries, or nothing."""
    found = of_result(summary.result)
    return None if found is None else robust_table(found, summary.title, write)


def robust_table(found: Robustness, title: Callable[[str], str], write: Writer) -> Robust:
    """Return a robustness in the words of the language that ``write`` writes.

    Args:
        found: the conclusions.
        title: what a scenario is called.
        write: writes numbers.
    """
    code, total = write.language, len(found.conclusions)
    lines = [_line(one, found, title, write) for one in found.in_order]
    changing = tuple(line for line in lines if line.changes)
    holding = tuple(line for line in lines if not line.changes)
    return Robust(
        text("robustness.title", code, year=found.year),
        text("robustness.how", code, count=len(found.again)),
        changing,
        text("robustness.changing", code, count=len(changing), total=total),
        holding,
        text("robustness.holding", code, count=len(holding), total=total),
        tuple(_untried(one, write) for one in found.untried),
    )


def _line(one: Conclusion, found: Robustness, title: Callable[[str], str], write: Writer) -> Line:
    code = write.language
    outcome = text(f"report.in_text_{one.outcome}", code)
    names = {"scenario": title(one.scenario), "reference": title(one.reference)}
    changes = []
    for variant in found.again:
        other = one.found.get(variant.id)
        if other is None or variant.id not in (*one.changed, *one.reversed):
            continue
        key = "reversed" if variant.id in one.reversed else "changed"
        said = told(other, round(variant.effective), write)
        changes.append(text(f"robustness.{key}", code, variant=variant.label(code), told=said))
    return Line(
        text("robustness.pair", code, **names, outcome=outcome),
        told(one.reported, found.draws, write),
        tuple(changes),
    )


def told(one: Finding, draws: int, write: Writer) -> str:
    """Return a finding in words: lower in 78 of 100 runs."""
    code = write.language
    if one.word == "same":
        return text("report.no_difference", code)
    key, share = ("lower_in", one.lower) if one.lower >= one.higher else ("higher_in", one.higher)
    chance = text("report.chance", code, chance=text(f"report.{key}", code, runs=write.runs(share, draws)))
    return text("robustness.hardly", code, chance=chance) if one.word == "hardly" else chance


def _untried(one: Variant, write: Writer) -> str:
    code, label = write.language, one.label(write.language)
    if one.missing:
        return text("robustness.untried_missing", code, variant=label, names=", ".join(one.missing))
    khat = text("robustness.no_khat", code) if one.khat is None else write.number(one.khat, 0.01)
    return text("robustness.untried_khat", code, variant=label, khat=khat)
