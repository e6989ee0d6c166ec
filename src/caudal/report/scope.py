"""What the model at this stage can and cannot tell."""

from __future__ import annotations

from caudal.core.files import data_path
from caudal.core.records import Bilingual, Record, load_document, validate


class Scope(Record):
    """The boundary of the model, in sentences."""

    can: tuple[Bilingual, ...]
    cannot: tuple[Bilingual, ...]


def scope() -> Scope:
    """Return the scope of the model."""
    path = data_path("scope.yaml")
    return validate(Scope, load_document(path), path)
