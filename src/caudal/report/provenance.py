"""How a result was made: filled years, the fit, the run record and the command that repeats it."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Mapping
from typing import Any

import numpy as np

from caudal.core.messages import catalogue, language, local, text
from caudal.evidence.registry import parameters
from caudal.evidence.series import series, series_ids
from caudal.evidence.structures import structure
from caudal.report.answer import fit_matches
from caudal.report.numbers import Writer, step_of
from caudal.report.summary import Summary
from caudal.report.tables import badge
from caudal.simulate.basis import USUAL
from caudal.simulate.results import observed
from caudal.simulate.scenario import library

AFTER = 2
"""Years after the last survey at which the baseline's area is told again."""

DEAR = 2021
"""The year from which the farm price fell, if it did, until the last survey."""

BEND = 0.02
"""A fall of the baseline's area over those years by less than this share is no bend."""

LITTLE = 0.2
"""Share of variance below which mechanisms explain little."""


@dataclasses.dataclass(frozen=True)
class Filled:
    """An input's years without a record, and how they were filled."""

    label: str
    years: str
    method: str
    parameter: str


@dataclasses.dataclass(frozen=True)
class Fit:
    """What the stored fit achieves, in sentences and by series."""

    sentences: tuple[str, ...]
    errors: tuple[tuple[str, str], ...]


@dataclasses.dataclass(frozen=True)
class Repeat:
    """The words that repeat a result, and whether they are Python."""

    words: str
    python: bool
    files: bool


def filled(summary: Summary, write: Writer) -> list[Filled]:
    """Return every fill of the run record in the language in force."""
    return [
        Filled(
            input_label(fill["input"]),
            write.years(fill["years"]),
            text(f"report.fill_{fill['method']}"),
            local(parameters()[fill["parameter"]].label),
        )
        for fill in summary.record["filled"]
    ]


def input_label(name: str) -> str:
    """Return what an input is called: its series' label, or the catalogue's."""
    if name in series_ids():
        return local(series(name).label)
    return catalogue(language(), "report").get(f"input_{name.replace(' ', '_')}", name)


def fit(summary: Summary, write: Writer) -> Fit:
    """Return how well the model follows the record, with and without inferred levels."""
    told = [*_drawn_from(summary, write), *_hand_over(summary, write)]
    if not summary.basis.fitted:
        return Fit((text("report.fit_prior"), *told), ())
    if not fit_matches(summary):
        return Fit((text("report.fit_other"), *told), ())
    fits = summary.basis.fits()
    said = [words for name, one in fits.items() for words in _followed(name, one, len(fits) > 1, write)]
    (first, *others) = fits.values()
    errors = () if others else first["log_rmse"].items()
    named = ((input_label(name.partition("~")[2]), write.number(error, 0.01)) for name, error in errors)
    return Fit((*said, *told), tuple(named))


def _followed(name: str, about: Mapping[str, Any], several: bool, write: Writer) -> list[str]:
    """Tell how well a structure follows the national area, with and without inferred levels."""
    area = about["national_area"]
    mechanisms = area["share_of_variance_mechanisms"]
    key = "none" if mechanisms <= 0.0 else "little" if mechanisms < LITTLE else "some"
    fields = {
        "first": area["years"][0],
        "last": area["years"][1],
        "with_levels": write.number(area["log_rmse_with_levels"], 0.01),
        "without": write.number(area["log_rmse_without_levels"], 0.01),
        "mechanisms": write.number(mechanisms, 0.01),
        "levels": write.number(area["share_of_variance_with_levels"], 0.01),
    }
    said = [text("report.fit_levels", **fields), text(f"report.fit_share_{key}", **fields)]
    if not several:
        return said
    return [text("report.fit_structure", name=local(structure(name).label), about=" ".join(said))]


def _drawn_from(summary: Summary, write: Writer) -> list[str]:
    """Tell which structures and estimates a run takes where they are not the usual ones."""
    basis, found = summary.basis, []
    if basis.stacked:
        parts = [
            text("report.fit_stacked_one", name=local(structure(n).label), share=write.percent(share))
            for n, share in summary.record["shares"].items()
        ]
        found.append(text("report.fit_stacked", shares=", ".join(parts)))
    elif basis.structures != USUAL.structures:
        about = structure(basis.structures)
        found.append(text("report.fit_structure", name=local(about.label), about=local(about.about)))
        found += [local(about.untestable)] if about.untestable else []
    if basis.owner != USUAL.owner:
        found.append(text("report.fit_owner", owner=text(f"report.owner_{basis.owner}")))
    return found


def _hand_over(summary: Summary, write: Writer) -> list[str]:
    """Tell how the baseline's area moves after the last survey, with policy unchanged."""
    name = "baseline"
    if name not in summary.names or summary.record["texts"][name]["changes"]:
        return []
    year = max(
        observed("coca_area")["coca_area_unodc"]
    )  # until then levels are inferred, whoever is followed
    wanted = (year, year + AFTER, summary.last)
    if summary.last <= wanted[1] or year not in summary.years:
        return []
    middle = np.median(summary.draws("coca_area", name), axis=0)
    levels = [float(middle[list(summary.years).index(y)]) for y in wanted]
    step = step_of(*levels)
    price = np.median(summary.draws("farm_price", name), axis=0)[list(summary.years).index(year)]
    dear = np.median(summary.draws("farm_price", name), axis=0)[list(summary.years).index(DEAR)]
    key = "falls" if levels[1] < (1.0 - BEND) * levels[0] and price < dear else "moves"
    return [
        text(
            f"report.fit_turn_{key}",
            year=year,
            after=wanted[1],
            last=summary.last,
            before=write.number(levels[0], step),
            between=write.number(levels[1], step),
            end=write.number(levels[2], step),
        )
    ]


def repeat(summary: Summary) -> Repeat:
    """Return the command that makes a result again, or Python where no command can."""
    record = summary.record
    changes = [record["texts"][n]["changes"] for n in summary.names]
    options = [
        "--draws",
        str(record["draws"]),
        "--seed",
        str(record["seed"]),
        "--to",
        str(record["last_year"]),
    ]
    if record.get("regions") == 1:
        options += ["--regions", "national"]
    options += [word for name, value in _other_basis(summary).items() for word in _option(name, value)]
    words = [_origin(name, record["texts"][name]["document"]) for name in summary.names]
    files = any(word.endswith(".yaml") for word in words)
    if any(changes[0]) or any(c != changes[-1] for c in changes[1:]):
        return Repeat(_python(words, changes, summary), True, files)
    if changes[-1]:
        if words == [words[0]] * 2:
            words = words[:1]
        for change in changes[-1]:
            options += ["--set", setting_word(change)]
    return Repeat(shlex.join(["caudal", "run", *words, *options]), False, files)


def _origin(name: str, document: dict) -> str:
    """Return the library's name of a scenario's text, or the file that must hold it."""
    for known, one in library().items():
        if one.document.model_dump(mode="json", by_alias=True) == document:
            return known
    return f"{name.rstrip('+')}.yaml"


def _other_basis(summary: Summary) -> dict[str, Any]:
    """Return the arguments of ``run`` by which a result's parameters are not drawn from the usual."""
    basis, found = summary.basis, {}
    if basis.structures != USUAL.structures:
        found["structures"] = basis.structures
    if basis.owner != USUAL.owner:
        found["owner"] = basis.owner
    if basis.assumed:
        found["assume"] = dict(basis.assumed)
    return found | ({} if basis.fitted else {"prior_only": True})


def _option(name: str, value: str | bool | dict[str, float]) -> list[str]:
    if isinstance(value, dict):
        return [word for parameter, one in value.items() for word in ("--assume", f"{parameter}={one!r}")]
    return ["--prior"] if value is True else [f"--{name}", str(value)]


def setting_word(change: dict) -> str:
    """Return a change as ``--set`` takes it."""
    ramp = f"+{change['ramp']}" if "ramp" in change else ""
    places = ":" + ",".join(change["departments"]) if "departments" in change else ""
    short = f"{change['value']:g}"
    value = short if float(short) == change["value"] else repr(change["value"])
    return f"{change['lever']}={value}@{change['year']}{ramp}{places}"


def set_argument(change: dict) -> str:
    """Return a change as ``Scenario.set`` takes it."""
    whole = (change["value"], change["year"], change.get("ramp", 0), tuple(change.get("departments", ())))
    return repr(whole[: 4 if whole[3] else 3 if whole[2] else 2])


def _python(words: list[str], changes: list[list[dict]], summary: Summary) -> str:
    """Return a call that sets different levers in different scenarios."""
    record, made = summary.record, []
    for word, own in zip(words, changes, strict=True):
        sets = "".join(f".set({c['lever']}={set_argument(c)})" for c in own)
        made.append(f"cd.scenario({word!r}){sets}")
    arguments = f"draws={record['draws']}, seed={record['seed']}, to={record['last_year']}"
    if record.get("regions") == 1:
        arguments += ", regions='national'"
    arguments += "".join(f", {name}={value!r}" for name, value in _other_basis(summary).items())
    return f"import caudal as cd\ncd.run([{', '.join(made)}], {arguments})"


def run_record(summary: Summary, write: Writer) -> list[tuple[str, str]]:
    """Return the run record as labels and values."""
    record = summary.record
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    shown = {
        "calibration": badge(summary),
        "structures": ", ".join(f"{n} {share:.3g}" for n, share in record["shares"].items()),
        "owner": text(f"report.owner_{record['owner']}"),
        "draws": write.number(record["draws"]),
        "seed": str(record["seed"]),
        "years": f"{record['first_year']}-{record['last_year']}",
        "substeps": str(record["substeps_per_month"]),
        "step": record["step"],
        "data": record["data"],
        "fit": record["fit"],
        "versions": versions,
    }
    return [(text(f"report.record_{key}"), value) for key, value in shown.items()]
