"""One line about a value: the value itself where it is small, else what it is like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy.typing as npt

SMALL = 6
"""Values of at most so many elements are shown whole."""

_STRING = 32


def one_line(array: npt.NDArray[Any]) -> str:
    """Describe a value in one line of bounded length; never raises for any dtype or shape."""
    import numpy as np

    if array.size == 0:
        return "empty"
    if array.dtype.kind in "OSU":
        return _strings(array)
    if array.size <= SMALL:
        return np.array2string(array, separator=", ", precision=6).replace("\n", "")
    if array.dtype.kind == "b":
        return f"{np.count_nonzero(array)} of {array.size} true"
    with np.errstate(all="ignore"):  # the line shows an overflow as what it is: inf
        return _numbers(array)


def _numbers(array: npt.NDArray[Any]) -> str:
    import numpy as np

    complex_valued = np.iscomplexobj(array)
    # ml_dtypes (bfloat16, float8, int4) and 64-bit integers are exact enough in double precision.
    values = np.abs(array) if complex_valued else array.astype(np.float64)
    finite = values[np.isfinite(values)]
    parts = []
    if finite.size:
        name = "|mean|" if complex_valued else "mean"
        parts.append(f"{name} {finite.mean():.4g}, std {finite.std():.4g}")
        parts.append(f"min {finite.min():.4g}, max {finite.max():.4g}")
    for label, count in (
        ("NaN", np.isnan(values).sum()),
        ("Inf", np.isinf(values).sum()),
        ("zeros", (values == 0).sum()),
    ):
        if count:
            parts.append(f"{count} {label}" if label == "zeros" else f"{count} {label}!")
    return ", ".join(parts)


def _strings(array: npt.NDArray[Any]) -> str:
    shown = [_string(item) for item in array.ravel()[:SMALL]]
    more = f", and {array.size - SMALL} more" if array.size > SMALL else ""
    return ", ".join(shown) + more


def _string(item: Any) -> str:
    data = item if isinstance(item, bytes) else str(item).encode("utf-8", "surrogatepass")
    return repr(data[:_STRING])[1:] + (f" ({len(data)} bytes)" if len(data) > _STRING else "")
