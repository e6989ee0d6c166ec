"""Trials: what is run and read so that the model stands beside a published effect.

Runs and trials are data (``data/effects/experiments.yaml``): a run is a ``simulate`` experiment, and a
trial reads numbers off what happened and off runs, in the unit of its effect. The runs made beside
replays of US aid can be read too. A file of one's own adds runs and trials, and may read our runs.
"""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path

import pydantic

from caudal.core.clock import START
from caudal.core.errors import CaudalError, unknown
from caudal.core.files import data_path, yaml_line
from caudal.core.records import Record, load_keyed, validate
from caudal.evidence.effects import Effect, Words, effects, read_more
from caudal.simulate.experiments import Experiment, experiments
from caudal.simulate.quantities import HAPPENED, RECORD, Quantity, Ratio


class Trial(Record):
    """What the model says to one effect, or why it cannot.

    ``reads`` gives the number; of a direction all must be positive at once, each arranged so that it
    is where the effect holds. ``note`` tells how the design reads the effect. The size is left out
    with ``sign_only``, which says why; ``put_in`` says why the model could not answer otherwise,
    and then nothing is scored. ``nothing`` is the size up to which a change counts as none, for an
    effect that found none. ``why`` is the reason of a miss.
    """

    id: str
    out_of_scope: Words | None = None
    reads: tuple[Ratio, ...] = ()
    note: Words | None = None
    sign_only: Words | None = None
    put_in: Words | None = None
    nothing: float | None = pydantic.Field(default=None, gt=0.0)
    why: Words | None = None

    @pydantic.model_validator(mode="after")
    def _whole(self) -> Trial:
        if bool(self.out_of_scope) == bool(self.reads):
            raise ValueError("expected reads, or out_of_scope with the reason")
        return self

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """Return every quantity that it reads."""
        return tuple(quantity for ratio in self.reads for quantity in ratio.quantities)


class Trials(Record):
    """Runs and trials of one file, by name and by effect."""

    runs: dict[str, Experiment] = {}
    trials: dict[str, Trial]


@dataclasses.dataclass(frozen=True)
class Program:
    """Everything that is tried: effects, their trials, and the runs that these read."""

    effects: dict[str, Effect]
    trials: dict[str, Trial]
    runs: dict[str, Experiment]

    def only(self, names: tuple[str, ...]) -> Program:
        """Return the trials of some effects alone, or offer the nearest id (``CAU-116``)."""
        for name in names:
            if name not in self.trials:
                raise unknown("effect", name, self.trials, "CAU-116")
        trials = {name: trial for name, trial in self.trials.items() if not names or name in names}
        read = {q.spent or run for t in trials.values() for q in t.quantities for run in (*q.runs, q.spent)}
        runs = {name: run for name, run in self.runs.items() if name in read}
        return Program({name: self.effects[name] for name in trials}, trials, runs)

    def last(self) -> int:
        """Return the last year that any trial reads."""
        return max(
            (year for t in self.trials.values() for q in t.quantities for year in q.years), default=START
        )


@functools.cache
def program() -> Program:
    """Return the trials that come with Caudal."""
    return _read(data_path("effects", "experiments.yaml"), effects(), experiments())


def own_program(effect_file: Path, trial_file: Path) -> Program:
    """Return the trials of one's own: a file of effects and one of runs and trials."""
    return _read(trial_file, read_more(effect_file).effects, program().runs)


def _read(path: Path, known: dict[str, Effect], runs: dict[str, Experiment]) -> Program:
    """Read runs and trials; what is wrong is told with file and line (``CAU-204``, ``CAU-207``)."""
    found = validate(Trials, load_keyed(path, "trials"), path)
    every = runs | found.runs

    def refuse(problem: str, *keys: str) -> CaudalError:
        told = {"line": yaml_line(path, keys), "key": ".".join(keys), "problem": problem}
        return CaudalError("CAU-204", "yaml_value", file=path.name, **told)

    for name, trial in found.trials.items():
        if name not in known:
            raise refuse(f"no effect has the id {name}", "trials", name)
        for problem in _problems(known[name], trial, every):
            raise refuse(problem, "trials", name)
    missing = [name for name in known if name not in found.trials]
    if missing:
        raise refuse(f"expected a trial of {missing[0]}", "trials")
    return Program({name: known[name] for name in found.trials}, found.trials, every)


def _problems(effect: Effect, trial: Trial, runs: dict[str, Experiment]) -> list[str]:
    """Return what is wrong with a trial of an effect."""
    found = []
    for asked in trial.quantities:
        if asked.spent and asked.spent not in runs:
            found.append(f"no run is called {asked.spent}")
        for run in asked.runs:
            if run in (HAPPENED, RECORD):
                continue
            if run not in runs:
                found.append(f"no run is called {run}")
                continue
            last = runs[run].span[1]
            if asked.years[-1] > last:
                found.append(f"{run} ends in {last}")
        if not asked.spent and asked.years[0] < START:
            found.append(f"years begin in {START}")
    if trial.reads and effect.form == "value" and not trial.sign_only and len(trial.reads) != 1:
        found.append("a value is one read")
    if effect.estimate == 0 and effect.form == "direction" and trial.reads and trial.nothing is None:
        found.append("expected nothing: the size up to which a change counts as none")
    return found
