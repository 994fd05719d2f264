"""How far a variable moved: right for every kind of number, and never an overflow."""

from __future__ import annotations

import math

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from jupyter_tfsession.snapshots.comparing import movement

FLOATS = arrays.arrays(np.float64, 7, elements=st.floats(-1e6, 1e6))


@given(FLOATS, FLOATS)
def test_norms_are_those_of_the_difference(before: np.ndarray, after: np.ndarray) -> None:
    moved = movement(before, after)
    assert moved.norm == pytest.approx(float(np.linalg.norm(after - before)))
    assert moved.length == pytest.approx(float(np.linalg.norm(before)))
    assert moved.largest == pytest.approx(float(np.max(np.abs(after - before))))
    assert moved.changed == np.count_nonzero(before != after)


def test_what_is_too_large_to_be_squared() -> None:
    moved = movement(np.array([1e300, 0.0]), np.array([1e300, 1e300]))
    assert moved.norm == moved.length == 1e300
    assert moved.relative == 1.0


def test_more_elements_than_are_compared_at_once() -> None:
    before = np.zeros(2**20 + 5, np.float32)
    after = before.copy()
    after[[0, -1]] = 3.0, 4.0
    moved = movement(before, after)
    assert (moved.norm, moved.largest, moved.changed) == (5.0, 4.0, 2)
    assert moved.relative == math.inf


def test_what_is_not_finite_is_counted_and_left_out() -> None:
    before = np.array([1.0, np.nan, np.inf, np.nan, -np.inf])
    after = np.array([2.0, np.nan, 0.0, 5.0, -np.inf])
    moved = movement(before, after)
    assert (moved.norm, moved.changed, moved.strange) == (1.0, 3, 4)


@pytest.mark.parametrize(
    ("before", "after", "norm"),
    [
        (np.array([True, False]), np.array([True, True]), 1.0),
        (np.array([0], np.uint8), np.array([255], np.uint8), 255.0),
        (np.array([2**53], np.int64), np.array([0], np.int64), float(2**53)),
        (np.array([0j]), np.array([3 + 4j]), 5.0),
        (np.ones(4, ml_dtypes.bfloat16), np.zeros(4, ml_dtypes.bfloat16), 2.0),
        (np.array([1], ml_dtypes.int4), np.array([-2], ml_dtypes.int4), 3.0),
        (np.array([(1,)], [("qint8", "i1")]), np.array([(3,)], [("qint8", "i1")]), 2.0),
        (np.array(1.0), np.array(1.0), 0.0),
        (np.zeros((0, 3)), np.zeros((0, 3)), 0.0),
    ],
)
def test_every_kind_of_number(before: np.ndarray, after: np.ndarray, norm: float) -> None:
    assert movement(before, after).norm == norm


def test_strings_only_change() -> None:
    moved = movement(np.array([b"a", b"b"], object), np.array([b"a", b""], object))
    assert moved.changed == 1
    assert math.isnan(moved.norm)
