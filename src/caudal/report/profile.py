"""Value profiles: which direction of an outcome a named party states that it prefers.

A profile is the only place where an outcome is better or worse. It is attributed, cited and
meant to be edited; it is never a finding of Caudal.
"""

from __future__ import annotations

from typing import Literal

import pydantic

from caudal.core.errors import unknown
from caudal.core.files import data_path
from caudal.core.records import Bilingual, Record, load_document, validate


class Profile(Record):
    """What a party says it wants of each outcome."""

    title: Bilingual
    party: Bilingual
    note: Bilingual
    cites: tuple[str, ...] = pydantic.Field(min_length=1)
    prefers: dict[str, Literal["lower", "higher"]]

    def judges(self, outcome: str, direction: str) -> str:
        """Return ``better``, ``worse``, or nothing where the party is silent or no change is clear."""
        wanted = self.prefers.get(outcome)
        if wanted is None or direction not in ("lower", "higher"):
            return ""
        return "better" if direction == wanted else "worse"


def profile_names() -> tuple[str, ...]:
    """Return the names of the profiles that come with Caudal."""
    return tuple(path.stem for path in sorted(data_path("profiles").glob("*.yaml")))


def load_profile(name: str) -> Profile:
    """Read a profile by name, or offer the nearest."""
    if name not in profile_names():
        raise unknown("profile", name, profile_names(), "CAU-106")
    path = data_path("profiles", f"{name}.yaml")
    return validate(Profile, load_document(path), path)
