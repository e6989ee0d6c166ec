"""Where every number comes from: one record per document, page or data file."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from caudal.core.errors import unknown
from caudal.core.files import data_path
from caudal.core.records import Record, load_document, validate

NO_ADDRESS = "no public address recorded"
"""What ``Source.url`` says when the document has no address that anyone can open."""

NOT_STATED = "not stated"
"""What a field says when the document does not: above all, the licence."""


class Source(Record):
    """A document: who owns it, where it is, what may be done with it, how much of it was read."""

    id: str
    owner: str
    title: str
    date: str
    url: str
    licence: str
    redistribution: str
    read: str


def read_sources(path: Path) -> dict[str, Source]:
    """Read one collection of sources, a mapping of id to record."""
    return {
        str(key): validate(Source, {"id": key, **fields}, path, (key,))
        for key, fields in load_document(path).items()
    }


@functools.cache
def sources() -> Mapping[str, Source]:
    """Return every source by id."""
    found: dict[str, Source] = {}
    for path in sorted(data_path("sources").glob("*.yaml")):
        found.update(read_sources(path))
    return MappingProxyType(found)


def source(name: str) -> Source:
    """Return one source, or say which known id is nearest."""
    try:
        return sources()[name]
    except KeyError:
        raise unknown("source", name, sources(), "CAU-112") from None
