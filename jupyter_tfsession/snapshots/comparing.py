"""How far variables moved between two moments."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    Array = npt.NDArray[Any]

_PIECE: Final = 2**20  # elements that are compared at once, as float64


@dataclass(frozen=True)
class Movement:
    """How far one variable moved.

    Attributes
    ----------
    norm
        The Euclidean norm of the difference, of the elements that are finite on both sides; NaN
        where elements are no numbers.
    length
        That of the earlier value.
    largest
        The largest change of an element.
    changed
        How many elements differ, bit for bit but that all NaN are alike.
    strange
        How many are not finite on one side at least.
    """

    norm: float
    length: float
    largest: float
    changed: int
    strange: int = 0

    @property
    def relative(self) -> float:
        """The norm of the difference for a norm of 1; infinite where it was 0."""
        if not self.norm:
            return 0.0
        return self.norm / self.length if self.length else math.inf


def movement(before: Array, after: Array) -> Movement:
    """Compare two values of one shape and dtype."""
    import numpy as np

    if before.dtype == object:
        changed = sum(one != other for one, other in zip(before.flat, after.flat, strict=True))
        return Movement(math.nan, math.nan, math.nan, changed)
    square = length = largest = 0.0
    changed = strange = 0
    for old, new in _pieces(before, after):
        with np.errstate(invalid="ignore", over="ignore"):
            difference = np.abs(new - old)
            both_nan = np.isnan(old) & np.isnan(new)
            changed += int(np.count_nonzero((old != new) & ~both_nan))
            finite = np.isfinite(old) & np.isfinite(new)
            strange += int(finite.size - np.count_nonzero(finite))
            difference, magnitude = difference[finite], np.abs(old[finite])
        if difference.size:
            # Scaled, since a square may be more than a float can hold.
            largest = max(largest, float(difference.max()))
            square = math.hypot(square, _norm(difference))
            length = math.hypot(length, _norm(magnitude))
    return Movement(square, length, largest, changed, strange)


def _norm(magnitudes: Array) -> float:
    import numpy as np

    scale = float(magnitudes.max())
    if not scale or not math.isfinite(scale):
        return scale
    return scale * float(np.sqrt(np.sum(np.square(magnitudes / scale))))


def _pieces(before: Array, after: Array) -> Iterator[tuple[Array, Array]]:
    import numpy as np

    old, new = (_plain(array).reshape(-1) for array in (before, after))
    wide = np.complex128 if old.dtype.kind == "c" else np.float64
    for start in range(0, old.size, _PIECE):
        piece = slice(start, start + _PIECE)
        yield old[piece].astype(wide), new[piece].astype(wide)


def _plain(array: Array) -> Array:
    """Return the numbers of a quantized value, which is a record of one integer each."""
    fields = array.dtype.names
    return array[fields[0]] if fields else array
