"""What a value is like: a line about it, a summary, a histogram, one number for its history.

Nothing here raises for any dtype, shape or content that a variable can have.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy.typing as npt

SMALL = 6
"""Values of at most so many elements are shown whole."""

SAMPLE = 2**16
"""Of how many elements a value is summarized where all of them would take too long."""

BINS = 32

_STRING = 32


@dataclass(frozen=True)
class Summary:
    """What a numeric value is like; of complex numbers, their magnitudes.

    Attributes
    ----------
    elements, sampled
        How many there are, and of how many this is the summary.
    mean, std, min, max
        Of the finite ones; None where there is none.
    nan, inf, zeros
        How many of the sampled ones.
    magnitudes
        Whether this is about the magnitudes of complex numbers.
    """

    elements: int
    sampled: int
    mean: float | None
    std: float | None
    min: float | None
    max: float | None
    nan: int
    inf: int
    zeros: int
    magnitudes: bool = False

    @property
    def point(self) -> float:
        """The norm of the value; of a sample, an estimate of it."""
        if self.nan:
            return math.nan
        if self.inf:
            return math.inf
        if self.mean is None or self.std is None:
            return 0.0
        # Factored so that squares do not overflow before the norm does.
        return math.hypot(self.mean, self.std) * math.sqrt(self.elements)

    def __str__(self) -> str:
        parts = []
        if self.mean is not None:
            name = "|mean|" if self.magnitudes else "mean"
            parts.append(f"{name} {self.mean:.4g}, std {self.std:.4g}")
            parts.append(f"min {self.min:.4g}, max {self.max:.4g}")
        parts += [f"{self.nan} NaN!"] if self.nan else []
        parts += [f"{self.inf} Inf!"] if self.inf else []
        parts += [f"{self.zeros} zeros"] if self.zeros else []
        return ("about " if self.sampled < self.elements else "") + ", ".join(parts)


def one_line(array: npt.NDArray[Any], summary: Summary | None = None) -> str:
    """Describe a value in one line of bounded length.

    Parameters
    ----------
    array
        The value.
    summary
        Its summary, if there is one already.
    """
    import numpy as np

    if array.size == 0:
        return "empty"
    if array.dtype.kind in "OSU":
        return _strings(array)
    if array.size <= SMALL:
        text = np.array2string(array, separator=", ", precision=6).replace("\n", "")
        return f"{text}0" if array.ndim == 0 and text.endswith(".") else text
    if array.dtype.kind == "b":
        return f"{np.count_nonzero(array)} of {array.size} true"
    return str(summary or summarize(array))


def summarize(array: npt.NDArray[Any], *, at_most: int | None = None) -> Summary | None:
    """Summarize a numeric value; None for strings.

    Parameters
    ----------
    array
        The value.
    at_most
        Look at so many elements only, evenly spread. What is not finite is looked for everywhere:
        where there is any, the summary is of all elements.
    """
    import numpy as np

    if array.dtype.kind in "OSU":
        return None
    with np.errstate(all="ignore"):  # the summary shows an overflow as what it is: inf
        flat = array.reshape(-1)
        chosen = flat
        if at_most is not None and flat.size > at_most and _all_finite(flat):
            chosen = flat[:: -(-flat.size // at_most)]
        magnitudes = np.iscomplexobj(chosen)
        # ml_dtypes (bfloat16, float8, int4) and 64-bit integers are exact enough in double.
        values = np.abs(chosen) if magnitudes else chosen.astype(np.float64)
        fine = np.isfinite(values)
        finite = values if fine.all() else values[fine]
        nan = int(np.count_nonzero(np.isnan(values))) if finite.size < values.size else 0
        known = finite.size > 0
        return Summary(
            elements=int(flat.size),
            sampled=int(values.size),
            mean=float(finite.mean()) if known else None,
            std=float(finite.std()) if known else None,
            min=float(finite.min()) if known else None,
            max=float(finite.max()) if known else None,
            nan=nan,
            inf=int(values.size - finite.size) - nan,
            zeros=int(values.size - np.count_nonzero(values)),
            magnitudes=bool(magnitudes),
        )


def _all_finite(flat: npt.NDArray[Any]) -> bool:
    """Tell quickly whether everything is finite; a sum that overflows says no."""
    import numpy as np

    if flat.dtype.kind in "iub":
        return True
    try:
        # A sum reads the array once, and what is not finite does not get lost in it.
        total = flat.sum(dtype=flat.dtype if flat.dtype.kind in "fc" else np.float32)
        return bool(np.isfinite(total))
    except TypeError:
        return False


def point(array: npt.NDArray[Any], summary: Summary | None) -> float | None:
    """Return the number that stands for a value in its history: a scalar itself, else the norm."""
    if summary is None or array.size == 0:
        return None
    if array.size > 1:
        return summary.point
    if summary.magnitudes:
        return summary.point
    return float(array.reshape(-1)[0])


def histogram(array: npt.NDArray[Any], bins: int = BINS) -> tuple[list[float], list[int]] | None:
    """Count the finite elements between evenly spaced edges.

    Returns
    -------
    tuple
        The edges and the counts; None of strings, and where nothing is finite.
    """
    import numpy as np

    if array.dtype.kind in "OSU" or not array.size:
        return None
    with np.errstate(all="ignore"):
        flat = array.reshape(-1)
        values = np.abs(flat) if np.iscomplexobj(flat) else flat.astype(np.float64)
        values = values[np.isfinite(values)]
        if not values.size:
            return None
        low, high = float(values.min()), float(values.max())
        if not math.isfinite(high - low):
            return None
        try:
            counts, edges = np.histogram(values, bins=bins, range=(low, high))
        # The values are too close to each other for so many bins, which NumPy 1 finds out too late.
        except (ValueError, IndexError):
            return [low, high], [int(values.size)]
        return edges.tolist(), counts.tolist()


def _strings(array: npt.NDArray[Any]) -> str:
    shown = [_string(item) for item in array.ravel()[:SMALL]]
    more = f", and {array.size - SMALL} more" if array.size > SMALL else ""
    return ", ".join(shown) + more


def _string(item: Any) -> str:
    data = item if isinstance(item, bytes) else str(item).encode("utf-8", "surrogatepass")
    return repr(data[:_STRING])[1:] + (f" ({len(data)} bytes)" if len(data) > _STRING else "")
