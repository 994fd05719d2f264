"""A value as a picture of bounded size: a matrix as a heat map, anything flatter as a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy.typing as npt

SIDE = 64
"""Rows and columns of a heat map, at most."""

LENGTH = 512
"""Points of a line, at most."""


@dataclass(frozen=True)
class Picture:
    """Elements of a value, evenly spread over it, as plain numbers.

    Attributes
    ----------
    kind
        ``heat`` or ``line``; a line has one row.
    values
        The numbers; magnitudes of complex ones.
    limit
        The largest magnitude of the finite ones: the scale is symmetric about 0.
    index
        Of a value of more than two dimensions, where in the others the picture is taken.
    step
        Every how many rows and columns are shown.
    """

    kind: Literal["heat", "line"]
    values: npt.NDArray[Any]
    limit: float
    index: tuple[int, ...]
    step: tuple[int, int]


def picture(array: npt.NDArray[Any]) -> Picture | None:
    """Draw a value; None of strings and of what is empty."""
    import numpy as np

    if array.dtype.kind in "OSU" or not array.size:
        return None
    index = (0,) * max(array.ndim - 2, 0)  # the first of each: such as the first filters
    plane = array[index]
    kind: Literal["heat", "line"] = "heat" if plane.ndim == 2 and 1 not in plane.shape else "line"  # noqa: PLR2004
    plane = plane if kind == "heat" else plane.reshape(1, -1)
    across = SIDE if kind == "heat" else LENGTH
    step = (-(-plane.shape[0] // SIDE), -(-plane.shape[1] // across))
    chosen = plane[:: step[0], :: step[1]]
    with np.errstate(all="ignore"):
        values = np.abs(chosen) if np.iscomplexobj(chosen) else chosen
        values = values.astype(np.float64)
        finite = values[np.isfinite(values)]
        limit = float(np.abs(finite).max()) if finite.size else 0.0
    return Picture(kind, values, limit, index, step)
