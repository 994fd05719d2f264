"""A line about any value: it never raises and is never long."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from jupyter_tfsession.variables.statistics import histogram, one_line, point, summarize

LONGEST = 1000
NARROW = ["bfloat16", "float8_e4m3fn", "float8_e5m2", "int4", "uint4"]

EXACT = {
    "scalar": (np.float32(1.5), "1.5"),
    "integer": (np.int64(-(2**63)), "-9223372036854775808"),
    "bool": (np.bool_(True), "True"),
    "few": (np.array([1, 2, 3]), "[1, 2, 3]"),
    "matrix": (np.array([[1.0, 2.0], [3.0, 4.0]]), "[[1., 2.], [3., 4.]]"),
    "empty": (np.zeros((0, 3)), "empty"),
    "empty strings": (np.array([], dtype=object), "empty"),
    "complex": (np.array([1 + 2j]), "[1.+2.j]"),
    "not a number": (np.array([np.nan, np.inf]), "[nan, inf]"),
    "bools": (np.arange(10) < 3, "3 of 10 true"),
    "numbers": (np.arange(8.0), "mean 3.5, std 2.291, min 0, max 7, 1 zeros"),
    "equal": (np.full(7, 2, np.int8), "mean 2, std 0, min 2, max 2"),
    "many complex": (np.full(7, 3 + 4j), "|mean| 5, std 0, min 5, max 5"),
    "no number at all": (np.full(9, np.nan), "9 NaN!"),
    "loud": (
        np.array([np.nan, np.inf, -np.inf, 0, 0, 1, 2]),
        "mean 0.75, std 0.8292, min 0, max 2, 1 NaN!, 2 Inf!, 2 zeros",
    ),
    "bytes": (np.array(b"a\x00\xff\n'", dtype=object), '"a\\x00\\xff\\n\'"'),
    "many bytes": (
        np.array([b"x"] * 8, dtype=object),
        "'x', 'x', 'x', 'x', 'x', 'x', and 2 more",
    ),
    "long bytes": (np.array([b"y" * 33], dtype=object), f"'{'y' * 32}' (33 bytes)"),
    "text": (np.array(["\ud800é"]), r"'\xed\xa0\x80\xc3\xa9'"),
}


@pytest.mark.parametrize(("value", "line"), EXACT.values(), ids=EXACT)
def test_the_line(value: object, line: str) -> None:
    assert one_line(np.asarray(value)) == line


@pytest.mark.parametrize("dtype", NARROW)
@pytest.mark.parametrize(
    ("values", "few"), [([1, 2], "[1, 2]"), ([2] * 7, "mean 2, std 0, min 2, max 2")]
)
def test_narrow_dtypes(dtype: str, values: list[int], few: str) -> None:
    array = np.array(values).astype(getattr(ml_dtypes, dtype))
    assert one_line(array).replace("1.", "1").replace("2.", "2") == few


def bounded(array: np.ndarray) -> None:
    """Assert what holds for every line."""
    line = one_line(array)
    assert line
    assert len(line) <= LONGEST
    assert line.isprintable()


SHAPES = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=8)


@given(arrays.arrays(arrays.scalar_dtypes(), SHAPES).filter(lambda a: a.dtype.kind in "biufc"))
def test_any_numbers(array: np.ndarray) -> None:
    bounded(array)


@given(st.lists(st.floats(), max_size=20), st.sampled_from(NARROW))
def test_any_narrow_numbers(values: list[float], dtype: str) -> None:
    with np.errstate(all="ignore"):
        bounded(np.array(values, np.float32).astype(getattr(ml_dtypes, dtype)))


TEXT = st.text(alphabet=st.characters(exclude_categories=()))


@given(st.lists(st.binary() | TEXT, max_size=20))
def test_any_strings(values: list[bytes | str]) -> None:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    bounded(array)


def test_a_summary_of_a_sample_says_so() -> None:
    summary = summarize(np.arange(1000.0), at_most=100)
    assert summary is not None
    assert (summary.elements, summary.sampled) == (1000, 100)
    assert str(summary).startswith("about mean")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_found_wherever_it_is(bad: float) -> None:
    values = np.zeros(1000, np.float32)
    values[777] = bad
    summary = summarize(values, at_most=10)
    assert summary is not None
    assert summary.nan + summary.inf == 1
    assert summary.sampled == 1000


@pytest.mark.parametrize(
    ("value", "stands_for"),
    [(np.float32(-3), -3.0), (np.array([3.0, 4.0]), 5.0), (np.bool_(True), 1.0)],
)
def test_the_point_of_a_value(value: object, stands_for: float) -> None:
    array = np.asarray(value)
    assert point(array, summarize(array)) == pytest.approx(stands_for)


def test_strings_and_empty_values_have_no_point() -> None:
    for array in (np.array([b"x"], dtype=object), np.zeros((0, 3))):
        assert point(array, summarize(array)) is None


@given(arrays.arrays(arrays.scalar_dtypes(), SHAPES).filter(lambda a: a.dtype.kind in "biufc"))
@example(np.array(2.0**53))
def test_any_histogram_counts_what_is_finite(array: np.ndarray) -> None:
    counted = histogram(array)
    with np.errstate(all="ignore"):
        finite = np.isfinite(np.abs(array).astype(np.float64)).sum()
    if counted is not None:
        edges, counts = counted
        assert len(edges) == len(counts) + 1
        assert sum(counts) == finite
