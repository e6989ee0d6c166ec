"""The runs of trials, simulated beside what happened by the members of an ensemble."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from caudal.core.clock import FIRST_DECISION, LAST_YEAR, START
from caudal.evidence.registry import outcomes
from caudal.explore.trials import Program
from caudal.simulate.experiments import MARKETS, Experiment
from caudal.simulate.quantities import HAPPENED
from caudal.simulate.run import Chunk, Ensemble
from caudal.simulate.scenario import scenario

Tables = dict[str, np.ndarray]


class TrialRuns(Ensemble):
    """The members of a run, and what trials read of them: a ``simulate.quantities.Source``.

    What happened is simulated once. A run starts beside it in the first year in which it may differ,
    from the same stocks, and ends with the last year that is read of it; all runs are one compiled
    program.
    """

    def __init__(
        self,
        program: Program,
        draws: int,
        seed: int,
        progress: Callable[[int, int, Experiment], None] = lambda done, total, run: None,
    ) -> None:
        """Simulate what happened and every run of a program of trials."""
        super().__init__(draws, seed, max(program.last(), FIRST_DECISION))
        self.program = program
        self._stocks = {START: [chunk.start for chunk in self._chunks]}
        self._tables = {HAPPENED: self._happened()}
        for done, (name, run) in enumerate(program.runs.items()):
            progress(done + 1, len(program.runs), run)
            self._tables[name] = self._simulated(name, run)

    def table(self, name: str, run: str, years: range, departments: Sequence[str]) -> np.ndarray | None:
        """Return an outcome or parameter by (draw, year) of a run."""
        if name not in outcomes():
            drawn = np.concatenate([np.asarray(chunk.params[name]) for chunk in self._chunks])[: self.draws]
            return np.repeat(drawn[:, None], len(years), axis=1)
        found = self._tables[run][name][:, years[0] - START : years[-1] - START + 1]
        if found.ndim > 2:
            chosen = np.isin(self.given.department, departments or self.given.department)
            found = found[..., chosen].sum(axis=-1)
        return found

    def spent(self, run: str) -> float:
        """Return the money that a run decides on beyond what happened, 2020 USD."""
        return self.program.runs[run].spent()

    def _read(self, run: str) -> tuple[set[str], int]:
        """Return the outcomes that are read of a run, and the last year."""
        asked = [q for t in self.program.trials.values() for q in t.quantities if run in q.runs]
        names = {name for q in asked for name in q.names if name in outcomes()}
        return names, max((q.years[-1] for q in asked), default=START)

    def _happened(self) -> Tables:
        names, last = self._read(HAPPENED)
        for run in self.program.runs:
            names |= self._read(run)[0]
        parts = [(slice(0, FIRST_DECISION - START), [chunk.past for chunk in self._chunks])]
        if last >= FIRST_DECISION:
            ahead = [self._years(c, scenario("baseline"), FIRST_DECISION, last)[1] for c in self._chunks]
            parts.append((slice(FIRST_DECISION - START, last - START + 1), ahead))
        tables = [self._kept(found, names, span) for span, found in parts]
        return {name: np.concatenate([one[name] for one in tables], axis=1) for name in names}

    def _simulated(self, name: str, run: Experiment) -> Tables:
        """Return what is read of a run, (draw, year[, region]) from START on."""
        from caudal.simulate.engine import replay
        from caudal.simulate.policy import lever_arrays

        names, last = self._read(name)
        first = run.span[0]
        used = (lever_arrays(scenario("baseline"), self.given, START, LAST_YEAR), run.arrays(self.given))
        bounds = (first - START, last - START + 1)
        found = [
            replay(
                state,
                chunk.params,
                used,
                self.forcing,
                chunk.shifts,
                self.places,
                *bounds,
                self._apart(chunk, run),
            )[1]
            for chunk, state in zip(self._chunks, self._stocks_at(first), strict=True)
        ]
        own = self._kept(found, names, slice(*bounds))
        before = {n: self._tables[HAPPENED][n][:, : bounds[0]] for n in names}
        return {n: np.concatenate([before[n], own[n]], axis=1) for n in names}

    def _kept(self, tables: list[dict[str, Any]], names: set[str], span: slice) -> Tables:
        """Return some outcomes of all chunks over a span of years."""

        def joined(name: str) -> np.ndarray:
            return np.concatenate([np.asarray(table[name])[:, span] for table in tables])[: self.draws]

        return {name: joined(name) for name in sorted(names)}

    def _stocks_at(self, year: int) -> list[Any]:
        """Return the stocks of what happened at the start of a year, by chunk."""
        if year not in self._stocks:
            before = max(y for y in self._stocks if y < year)
            moved = [
                dataclasses.replace(c, state=s)
                for c, s in zip(self._chunks, self._stocks[before], strict=True)
            ]
            self._stocks[year] = [self._years(c, scenario("baseline"), before, year - 1)[0] for c in moved]
        return self._stocks[year]

    def _apart(self, chunk: Chunk, run: Experiment):
        """Return how a run departs from what happened beyond its levers."""
        import jax.numpy as jnp

        from caudal.simulate.engine import Apart

        years = np.arange(START, LAST_YEAR + 1)
        on, retail = np.zeros(len(years)), np.zeros((len(years), len(MARKETS)))
        for about in run.parameters.values():
            on = about.over(years).astype(float)
        for market, about in run.retail.items():
            retail[:, MARKETS.index(market)] = np.where(about.over(years), np.log(about.times or 1.0), 0.0)
        changed = {name: about.moved(chunk.params[name]) for name, about in run.parameters.items()}
        return Apart(
            params=chunk.params.with_values(**changed),
            on=jnp.asarray(on),
            held=jnp.asarray(float(run.prices == "held")),
            retail=jnp.asarray(retail),
        )
