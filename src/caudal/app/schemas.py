"""What goes over HTTP: requests are checked here, answers are described for the page of the interface."""

from __future__ import annotations

import math

import pydantic

from caudal.core.clock import FIRST_DECISION, LAST_YEAR
from caudal.core.records import Record
from caudal.evidence.owners import OWNERS
from caudal.evidence.structures import STANDARD
from caudal.simulate.run import FEWEST_DRAWS, USUAL_END

MOST_DRAWS = 5_000
"""Members of one answer: more is work for the command line."""
MOST_PACKAGES = 4
MOST_CHANGES = 200


class Setting(Record):
    """A lever set by hand: from ``year`` on, reached after ``ramp`` years, in ``departments`` if named."""

    lever: str
    value: float = pydantic.Field(allow_inf_nan=False)
    year: int | None = None
    ramp: int = 0
    departments: tuple[str, ...] = ()


class Package(Record):
    """A scenario of the library and the changes made to it."""

    base: str = "baseline"
    changes: tuple[Setting, ...] = pydantic.Field(default=(), max_length=MOST_CHANGES)


class RunRequest(Record):
    """Packages to simulate with the same random numbers; the first is the reference of differences.

    ``outcomes`` and ``regional`` name what is answered; without the first, every outcome of the report.
    ``assume`` gives parameters one value in all members. ``sequence`` comes back unchanged.
    """

    packages: tuple[Package, ...] = pydantic.Field(min_length=1, max_length=MOST_PACKAGES)
    assume: dict[str, float] = {}
    draws: int = pydantic.Field(default=500, ge=FEWEST_DRAWS, le=MOST_DRAWS)
    seed: int = pydantic.Field(default=1, ge=0, le=2**31 - 1)
    to: int = pydantic.Field(default=USUAL_END, ge=FIRST_DECISION, le=LAST_YEAR)
    structures: str = STANDARD
    owner: str = OWNERS[0]
    outcomes: tuple[str, ...] = ()
    regional: tuple[str, ...] = ()
    sequence: int = 0

    @pydantic.field_validator("assume")
    @classmethod
    def _finite(cls, assume: dict[str, float]) -> dict[str, float]:
        if not all(math.isfinite(value) for value in assume.values()):
            raise ValueError("expected finite numbers")
        return assume


class Fan(Record):
    """Quantiles over members by year."""

    p05: list[float]
    p10: list[float]
    p25: list[float]
    p50: list[float]
    p75: list[float]
    p90: list[float]
    p95: list[float]


class OutcomeAnswer(Record):
    """An outcome of a package; ``difference`` pairs members with those of the reference.

    ``p_lower`` is the share of members that lie below the reference, by year.
    """

    unit: str
    fan: Fan
    difference: Fan | None
    p_lower: list[float] | None


class Place(Record):
    """An outcome of a department by year, and its difference from the reference."""

    p05: list[float]
    p50: list[float]
    p95: list[float]
    difference: list[float] | None


class PackageAnswer(Record):
    """What a package gave; ``digest`` is the same in the web app, the command line and Python."""

    name: str
    digest: str
    outcomes: dict[str, OutcomeAnswer]
    regional: dict[str, dict[str, Place]]
    paths: dict[str, list[float]]


class About(Record):
    """What an answer rests on: version, hashes of model, data and posterior, and how it was drawn."""

    version: str
    step: str
    data: str
    fit: str
    calibration: str
    draws: int
    seed: int
    to: int
    structures: str
    owner: str
    assumed: dict[str, float]


class RunAnswer(Record):
    """The answer to a RunRequest, packages in its order."""

    sequence: int
    about: About
    years: list[int]
    packages: list[PackageAnswer]


class Code(Record):
    """Code that gives what is shown to the last digit; no command where packages depart each on their own."""

    python: str
    cli: str | None


class Problem(Record):
    """A refusal (RFC 9457): ``detail`` is one line in the language asked for."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    nearest: str = ""
