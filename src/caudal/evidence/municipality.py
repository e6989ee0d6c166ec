"""The owner's municipal coca file, read as published and checked against the national total.

One column of the open file (2020) prints numbers in European format ("8.832,92"). Read as
if it were English it adds up to 330,493 or 123,170 ha instead of 142,784; so each column's
format is recognised on its own, and every column is compared with the published total.
"""

from __future__ import annotations

import csv
import dataclasses
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from caudal.core.errors import CaudalError
from caudal.evidence.series import series

TOLERANCE = 0.08
"""Largest accepted distance from the published total: 2001 is known to fall 5.4 % short."""

KEYS = ("CODMPIO", "MUNICIPIO", "DEPARTAMENTO")
"""Columns that name a municipality: code, name and department."""

_YEAR = re.compile(r"(19|20)\d\d")
_EUROPEAN = re.compile(r",\d{1,2}$|\.\d{3},")
_NOTHING = {"", "-", "- 0", "-0"}


@dataclasses.dataclass(frozen=True)
class MunicipalCoca:
    """Coca area by municipality (row) and year (column), ha on 31 December."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    departments: tuple[str, ...]
    years: tuple[int, ...]
    area: np.ndarray

    def totals(self) -> dict[int, float]:
        """Return the sum over municipalities of every year."""
        return dict(zip(self.years, self.area.sum(axis=0).tolist(), strict=True))


def read_municipal(path: Path, published: Mapping[int, float] | None = None) -> MunicipalCoca:
    """Read the municipal file of the owner (open data set acs4-3wgp).

    Args:
        path: CSV as published, comma or semicolon separated.
        published: national area by year to check against; the UNODC series when left out.

    Raises:
        CaudalError: ``CAU-120`` when a year is more than 8 % off the published total,
            ``CAU-121`` when a column is missing, ``CAU-122`` when a cell is not a number,
            ``CAU-202`` when the file cannot be read.
    """
    header, lines = _header(path)
    names = [name.strip().upper() for name in header]
    columns = {int(name): i for i, name in enumerate(names) if _YEAR.fullmatch(name)}
    for key in (*KEYS, *(() if columns else ("2001",))):
        if key not in names:
            expected = ", ".join(KEYS)
            raise CaudalError("CAU-121", "municipal_columns", file=path.name, column=key, expected=expected)
    rows = _rows(path, header, lines)
    years = tuple(sorted(columns))
    area = np.column_stack([_column(path, rows, columns[year], str(year)) for year in years])
    code, name, department = (tuple(row[names.index(key)].strip() for row in rows) for key in KEYS)
    result = MunicipalCoca(code, name, department, years, area)
    _compare(path, result, series("coca_area_unodc").annual("Colombia") if published is None else published)
    return result


def _header(path: Path) -> tuple[list[str], list[list[str]]]:
    """Return the header and the lines after it, as cells."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CaudalError("CAU-202", "unreadable", file=path, problem=error.strerror or error) from None
    try:
        content = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        content = raw.decode("latin-1")
    lines = content.splitlines() or [""]
    delimiter = max(",;\t", key=lines[0].count)
    try:
        header, *rows = list(csv.reader(lines, delimiter=delimiter)) or [[]]
    except csv.Error as error:
        raise CaudalError("CAU-202", "unreadable", file=path, problem=error) from None
    return header, rows


def _rows(path: Path, header: Sequence[str], rows: list[list[str]]) -> list[list[str]]:
    """Return the lines that are not empty; a line cut short is refused."""
    for line, row in enumerate(rows, start=2):
        if row and len(row) != len(header):
            column = header[min(len(row), len(header) - 1)]
            raise CaudalError(
                "CAU-122", "municipal_number", file=path.name, line=line, column=column, cell=row[-1]
            )
    return [row for row in rows if row]


def _column(path: Path, rows: Sequence[Sequence[str]], index: int, column: str) -> np.ndarray:
    cells = [row[index].strip() for row in rows]
    european = any(_EUROPEAN.search(cell) for cell in cells)
    return np.array([_number(path, line, column, cell, european) for line, cell in enumerate(cells, start=2)])


def _number(path: Path, line: int, column: str, cell: str, european: bool) -> float:
    if cell in _NOTHING:
        return 0.0
    plain = cell.replace(".", "").replace(",", ".") if european else cell.replace(",", "")
    try:
        return float(plain)
    except ValueError:
        raise CaudalError(
            "CAU-122", "municipal_number", file=path.name, line=line, column=column, cell=cell
        ) from None


def _compare(path: Path, result: MunicipalCoca, published: Mapping[int, float]) -> None:
    for year, total in result.totals().items():
        if year not in published:
            continue
        gap = total / published[year] - 1
        if abs(gap) > TOLERANCE:
            raise CaudalError(
                "CAU-120",
                "municipal_total",
                file=path.name,
                column=year,
                total=f"{total:,.0f}",
                gap=f"{gap:+.1%}",
                published=f"{published[year]:,.0f}",
            )
