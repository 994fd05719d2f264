"""Pictures of values: of bounded size, of any dtype and shape."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from jupyter_tfsession import drawings
from jupyter_tfsession.variables.pictures import LENGTH, SIDE, picture


def test_a_matrix_is_a_heat_map_on_a_scale_about_zero() -> None:
    drawn = picture(np.array([[1.0, -5.0], [np.nan, np.inf]]))
    assert drawn is not None
    assert (drawn.kind, drawn.limit) == ("heat", 5.0)


@pytest.mark.parametrize("shape", [(), (1,), (7,), (1, 7), (7, 1)])
def test_what_is_flatter_is_a_line(shape: tuple[int, ...]) -> None:
    drawn = picture(np.ones(shape))
    assert drawn is not None
    assert (drawn.kind, drawn.values.shape[0]) == ("line", 1)


def test_big_values_are_sampled_evenly() -> None:
    drawn = picture(np.arange(1_000_000.0).reshape(1000, 1000))
    assert drawn is not None
    assert drawn.step == (16, 16)
    assert drawn.values.shape == (63, 63)
    long = picture(np.arange(10_000.0))
    assert long is not None
    assert long.values.shape == (1, 500)


def test_of_more_dimensions_the_first_are_shown() -> None:
    drawn = picture(np.arange(24).reshape(2, 3, 2, 2))
    assert drawn is not None
    assert (drawn.index, drawn.values.tolist()) == ((0, 0), [[0.0, 1.0], [2.0, 3.0]])


def test_there_is_none_of_strings_and_of_nothing() -> None:
    assert picture(np.array([b"<script>"], dtype=object)) is None
    assert picture(np.zeros((0, 3))) is None


@pytest.mark.parametrize("dtype", ["bfloat16", "float8_e4m3fn", "int4"])
def test_narrow_dtypes(dtype: str) -> None:
    drawn = picture(np.ones((2, 2)).astype(getattr(ml_dtypes, dtype)))
    assert drawn is not None
    assert drawn.limit == 1.0


SHAPES = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=90)


@given(arrays.arrays(st.sampled_from(["f4", "i1", "?", "c8", "u8", "f2"]), SHAPES))
def test_any_value_is_drawn_within_bounds(array: np.ndarray) -> None:
    drawn = picture(array)
    if drawn is None:
        assert array.size == 0
        return
    assert drawn.values.size <= max(SIDE * SIDE, LENGTH)
    assert math.isfinite(drawn.limit)
    rows = drawn.values.tolist()
    ET.fromstring(drawings.heat_map(rows, drawn.limit))
    ET.fromstring(drawings.line(rows[0]))


def test_zero_is_white_and_the_signs_are_apart() -> None:
    assert drawings.colour(0.0, 3.0) == drawings.colour(0.0, 0.0) == "#ffffff"
    cold, warm = drawings.colour(-3.0, 3.0), drawings.colour(3.0, 3.0)
    assert len({cold, warm, drawings.NAN, drawings.INF, "#ffffff"}) == 5


def test_what_is_not_finite_has_colours_of_its_own() -> None:
    drawn = drawings.heat_map([[math.nan, math.inf, -math.inf, 1.0]], 1.0)
    assert drawings.NAN in drawn
    assert drawings.INF in drawn
    marked = drawings.line([1.0, math.nan, 2.0, math.inf, -math.inf])
    assert marked.count("<circle") == 5  # three marks, and two points without neighbours


@given(st.lists(st.floats(), max_size=50))
def test_any_line_is_drawn(values: list[float]) -> None:
    ET.fromstring(drawings.line(values))
    ET.fromstring(drawings.heat_map([values], 1.0))


@given(st.lists(st.integers(0, 10**12), max_size=50))
def test_any_bars_are_drawn(counts: list[int]) -> None:
    ET.fromstring(drawings.bars(counts))
