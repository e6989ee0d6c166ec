"""Which places of the region axis lie beside which."""

from __future__ import annotations

import numpy as np

from caudal.evidence.registry import departments


def neighbours(regions: tuple[str, ...], department: tuple[str, ...]) -> np.ndarray:
    """Return the weight of each place's neighbours, (region, neighbour); a row sums to 1, or to 0.

    Departments border on those that ``regions.yaml`` names. Of parts of a department no borders
    are on file: they are taken to lie beside all other parts of it. The nation has no neighbour.

    Args:
        regions: places of the region axis.
        department: the department of each place, "" for the nation.
    """
    if regions == department:
        beside = {d.name: d.neighbours for d in departments()}
        touching = np.array([[float(other in beside[own]) for other in regions] for own in regions])
    else:
        of = np.array(department)
        touching = ((of[:, None] == of[None, :]) & ~np.eye(len(of), dtype=bool)).astype(float)
    return touching / np.maximum(touching.sum(axis=1, keepdims=True), 1.0)
