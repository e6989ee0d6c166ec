"""The answer in five sentences: each wording is chosen by the computed numbers.

For the article's question the sentences are: what happens if nothing changes, what a
substitution-led policy would do that an eradication-led one would not, the converse, what
neither would do, and how far to trust it. Other sets of scenarios get the same frame.
"""

from __future__ import annotations

import numpy as np

from caudal.core.messages import text
from caudal.evidence.registry import levers
from caudal.report.moves import moves
from caudal.report.notes import listed
from caudal.report.numbers import Writer, step_of
from caudal.report.summary import COST, Cell, Summary
from caudal.report.tables import badge, gap_text, level_text
from caudal.simulate.conclusion import COLOMBIA, UNITED_STATES
from caudal.simulate.results import Result

RANKED = ("coca_area", "growers_income", "cocaine_to_us", "us_deaths")
INCOME_PARTS = ("growers_income_coca", "substitution_payments")
ARTICLE = ("substitution-led", "eradication-led")


def answer(result: Result | Summary, write: Writer | None = None) -> list[str]:
    """Return the answer in five sentences."""
    summary, write = Summary.of(result), write or Writer()
    if summary.replay:
        from caudal.report.replay import replay_answer

        return replay_answer(summary, write)
    said = Sentences(summary, write)
    own, other = _pair(summary)
    if own is None:
        alone = [said.level(o) for o in ("growers_income", "cocaine_to_us", "us_deaths")]
        return [said.base(), *alone, said.trust()]
    if other is None:
        return [
            said.base(),
            said.would(own, summary.reference),
            said.hardly(own),
            said.abroad([own]),
            said.trust(),
        ]
    return [
        said.base(),
        said.would(own, other),
        said.would(other, own),
        said.abroad([own, other]),
        said.trust(),
    ]


def _pair(summary: Summary) -> tuple[str | None, str | None]:
    """Return the two packages to set side by side, the article's where they are present."""
    rivals = summary.rivals
    found = [next((r for r in rivals if r.startswith(name)), None) for name in ARTICLE]
    if all(found):
        return found[0], found[1]
    return (rivals[0] if rivals else None), (rivals[1] if len(rivals) > 1 else None)


class Sentences:
    """Writes the sentences of an answer from one summary."""

    def __init__(self, summary: Summary, write: Writer) -> None:
        self.summary, self.write = summary, write
        self.reference = summary.title(summary.reference)

    def base(self) -> str:
        """Tell where coca area goes under the first scenario, and how sure that is."""
        summary, write = self.summary, self.write
        cell = summary.cell("coca_area", summary.reference)
        level, band = level_text(cell, 0, write)
        recorded = summary.surveyed
        year = max(recorded)
        above = float(np.mean(summary.draws("coca_area", summary.reference)[:, -1] > recorded[year]))
        key = "above" if above >= 0.75 else "below" if above <= 0.25 else "unsure"
        runs = write.runs(1.0 - above if key == "below" else above, summary.draw_count)
        return text(
            f"report.answer_base_{key}",
            reference=self.reference,
            level=level,
            band=band or level,
            year=summary.last,
            observed=write.number(recorded[year]),
            observed_year=year,
            runs=runs,
        )

    def level(self, outcome: str) -> str:
        """Tell the level of an outcome where there is nothing to compare."""
        about = self.summary.reported[outcome]
        level, band = level_text(self.summary.cell(outcome, self.summary.reference), about.digits, self.write)
        return text(
            "report.answer_single",
            scenario=self.reference,
            outcome=text(f"report.in_text_{outcome}"),
            unit=text(f"report.in_text_unit_{outcome}"),
            level=level,
            band=band or level,
            year=self.summary.last,
        )

    def would(self, own: str, other: str) -> str:
        """Tell what one package does to Colombia that another does not, and what it costs."""
        effects = []
        for outcome in COLOMBIA:
            mine, theirs = (self.summary.cell(outcome, n) for n in (own, other))
            if mine.direction in ("lower", "higher") and mine.direction != theirs.direction:
                effects.append(self.effect(mine))
        clauses = [*self.area(own, other), self.cost(own)]
        return text(
            "report.answer_would" if effects else "report.answer_would_nothing",
            own=self.summary.title(own),
            other=self.summary.title(other),
            year=self.summary.last,
            effects=listed(effects),
            outcomes=self.named(COLOMBIA),
            clauses="; ".join(clauses),
        )

    def area(self, own: str, other: str) -> list[str]:
        """Tell a package's effect on coca area where it does not set the package apart, and on the way."""
        mine, theirs = (self.summary.cell("coca_area", n) for n in (own, other))
        before = self.before(own)
        if mine.direction not in ("lower", "higher"):
            return [text("report.answer_area_hardly", gap=self.gap(mine), before=before)]
        if mine.direction == theirs.direction:
            return [text("report.answer_area", gap=self.gap(mine), before=before)]
        return [text("report.answer_area_way", before=before)] if before else []

    def before(self, own: str) -> str:
        """Tell of a year in which coca area clearly moves the other way than in the last year."""
        summary = self.summary
        final = summary.cell("coca_area", own).direction
        mine, base = (summary.draws("coca_area", n) for n in (own, summary.reference))
        found = []
        for at in np.flatnonzero(summary.years >= summary.first_decision):
            cell = summary.compared("coca_area", own, mine[:, at], base[:, at], own == summary.reference)
            if cell.direction in ("lower", "higher") and cell.direction != final:
                found.append((abs(cell.gap[1]), int(summary.years[at]), cell))
        if not found:
            return ""
        _, year, cell = max(found, key=lambda one: one[0])
        return text("report.answer_before", year=year, gap=self.gap(cell))

    def gap(self, cell: Cell) -> str:
        """Return a median difference with its sign."""
        digits = self.summary.reported[cell.outcome].digits
        return self.write.number(cell.gap[1], step_of(*cell.gap, digits=digits), signed=True)

    def hardly(self, own: str) -> str:
        """Tell what a single package leaves without a clear change."""
        still = [o for o in COLOMBIA if self.summary.cell(o, own).direction in ("hardly", "same")]
        return text(
            "report.answer_hardly" if still else "report.answer_hardly_none",
            own=self.summary.title(own),
            year=self.summary.last,
            outcomes=self.named(still or COLOMBIA),
        )

    def abroad(self, packages: list[str]) -> str:
        """Tell what the packages do, and do not do, in the United States."""
        year = self.summary.last
        cells = {o: [self.summary.cell(o, n) for n in packages] for o in UNITED_STATES}
        still = [o for o, found in cells.items() if all(c.direction in ("hardly", "same") for c in found)]
        clauses = []
        if still:
            key = "answer_neither" if len(packages) > 1 else "answer_not_much"
            title = self.summary.title(packages[0])
            clauses.append(text(f"report.{key}", scenario=title, outcomes=self.named(still), year=year))
        changes = [
            text(
                "report.answer_change",
                outcome=text(f"report.in_text_{o}"),
                gaps=listed([self.gap(c) for c in found]),
                unit=text(f"report.in_text_unit_{o}"),
            )
            for o, found in cells.items()
            if o not in still
        ]
        if changes:
            titles = listed([self.quoted(self.summary.title(n)) for n in packages])
            key = "answer_changes" if len(packages) > 1 else "answer_change_one"
            clauses.append(text(f"report.{key}", scenarios=titles, changes=listed(changes), year=year))
        joined = "; ".join([*clauses, self.deaths(packages)])
        return f"{joined[0].upper()}{joined[1:]}."

    def deaths(self, packages: list[str]) -> str:
        """Set the differences in deaths beside what is not known of them."""
        low, _, high = self.summary.cell("us_deaths", self.summary.reference).level
        largest = max(abs(self.summary.cell("us_deaths", n).gap[1]) for n in packages)
        return text("report.answer_deaths", part=self.write.percent(largest / (high - low)))

    def trust(self) -> str:
        """Tell what the answer rests on and whether it survives at equal public cost."""
        return text(
            "report.answer_trust",
            calibration=uncapitalised(badge(self.summary)),
            levers=self.judged(),
            fit=self.fit(),
            ranking=self.ranking(),
        )

    def judged(self) -> str:
        """Tell how many of the levers moved have an effect that rests on judgement."""
        judged = {m.lever for m in moves(self.summary) if levers()[m.lever].evidence == "judgement"}
        few = "one" if len(judged) == 1 else "some" if judged else "none"
        return text(f"report.answer_trust_levers_{few}", count=len(judged))

    def fit(self) -> str:
        """Tell how much of the national record mechanisms explain without fitted levels."""
        if not self.summary.basis.fitted:
            return text("report.answer_trust_fit_prior")
        if not fit_matches(self.summary):
            return text("report.answer_trust_fit_other")
        fits = self.summary.basis.fits().values()
        shares = [max(0.0, one["national_area"]["share_of_variance_mechanisms"]) for one in fits]
        low, high = self.write.percent(min(shares)), self.write.percent(max(shares))
        if low != high:
            return text("report.answer_trust_fit_stacked", low=low, high=high)
        key = "some" if max(shares) > 0.0 else "none"
        return text(f"report.answer_trust_fit_{key}", share=high)

    def ranking(self) -> str:
        """Tell whether the order of packages changes when they cost the same."""
        scaled = list(self.summary.record["framings"].get("equal-cost", {}))
        if len(scaled) < 2:
            return text("report.answer_trust_no_ranking")
        kept = {True: [], False: []}
        for outcome in RANKED:
            plain = sorted(scaled, key=lambda n, o=outcome: self.summary.cell(o, n).level[1])
            equal = sorted(scaled, key=lambda n, o=outcome: self.summary.cell(o, f"{n}@equal-cost").level[1])
            kept[plain == equal].append(outcome)
        key = "both" if all(kept.values()) else "same" if kept[True] else "changed"
        changed = self.named(kept[False])
        return text(f"report.answer_trust_ranking_{key}", count=len(kept[True]), changed=changed)

    def effect(self, cell: Cell) -> str:
        """Return an effect as a verb phrase: lower coca area by ..."""
        about = self.summary.reported[cell.outcome]
        step = step_of(*cell.gap, digits=about.digits)
        band = self.write.band(cell.gap[0], cell.gap[2], step, signed=True)
        return text(
            f"report.answer_effect_{cell.direction}",
            outcome=text(f"report.in_text_{cell.outcome}"),
            gap=self.write.number(abs(cell.gap[1]), step),
            unit=text(f"report.in_text_unit_{cell.outcome}"),
            detail="; ".join([band, *self.parts(cell, step)]),
        )

    def parts(self, cell: Cell, step: float) -> list[str]:
        """Tell how much of a difference in income is coca income and how much substitution payments."""
        held = self.summary.result.ds
        if cell.outcome != "growers_income" or not all(o in held for o in INCOME_PARTS):
            return []
        coca, payments = (
            self.write.number(self.summary.cell(o, cell.scenario).gap[1], step, signed=True)
            for o in INCOME_PARTS
        )
        return [text("report.answer_income_parts", coca=coca, payments=payments)]

    @staticmethod
    def quoted(title: str) -> str:
        """Return a title in the quotation marks of the language in force."""
        return text("report.quoted", title=title)

    def cost(self, name: str) -> str:
        """Return public cost over the whole projection against the first scenario."""
        cell = self.summary.cumulative(COST, name)
        key = {"lower": "less", "higher": "more"}.get(cell.direction, "same")
        gap, band = gap_text(cell, 0, self.write)
        return text(
            f"report.answer_cost_{key}",
            gap=gap.lstrip("+-−"),
            band=band or gap,
            reference=self.reference,
            first=self.summary.first_decision,
            last=self.summary.last,
        )

    def named(self, names: list[str] | tuple[str, ...]) -> str:
        """Return outcomes as a list inside a sentence."""
        return listed([text(f"report.in_text_{n}") for n in names])


def fit_matches(summary: Summary) -> bool:
    """Tell whether the stored fit is the one a result was made with."""
    basis = summary.basis
    return not basis.missing() and basis.digest() == summary.record["fit"]


def uncapitalised(words: str) -> str:
    """Return a sentence as a part of another."""
    return words[:1].lower() + words[1:]
