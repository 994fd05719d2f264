"""Timing that stands a busy machine: many short rounds, both sides in each, medians."""

from __future__ import annotations

import gc
import statistics
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Timer: TypeAlias = "Callable[[], float]"
"""Does something and returns the seconds that it took."""


_QUICK_SHARE = 0.2
_quick = False


def be_quick() -> None:
    """Have everything measured with fewer rounds."""
    global _quick  # noqa: PLW0603 - one switch for the process
    _quick = True


def rounds(full: int, least: int = 3) -> int:
    """Return how many rounds to measure, where `full` is how many it takes to be sure."""
    return max(least, round(full * _QUICK_SHARE)) if _quick else full


@dataclass(frozen=True)
class Result:
    """One line of the table.

    Attributes
    ----------
    name
        What was measured.
    values
        One per round.
    unit
        ``x`` for a ratio, ``ms`` for a time, ``steps/s`` and the like.
    against
        What is compared with what, or what the time is made of.
    goal
        What the median is not to exceed, if there is a goal.
    at_least
        The goal is what the median is not to fall below.
    """

    name: str
    values: list[float]
    unit: str
    against: str
    goal: float | None = None
    at_least: bool = False

    @property
    def median(self) -> float:
        """The middle of the values."""
        return statistics.median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """The quartiles: half of the values lie between them."""
        if len(self.values) == 1:
            return self.values[0], self.values[0]
        low, _, high = statistics.quantiles(self.values, n=4, method="inclusive")
        return low, high

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        if self.goal is None:
            return None
        return self.median >= self.goal if self.at_least else self.median <= self.goal


def timed(call: Callable[[], object], calls: int = 1) -> Timer:
    """Return a timer of so many calls."""

    def timer() -> float:
        turns = range(calls)
        begin = time.perf_counter()
        for _ in turns:
            call()
        return time.perf_counter() - begin

    return timer


def ratios(ours: Timer, plain: Timer, turns: int) -> list[float]:
    """Time both, one right after the other and each as often first; return a ratio per round.

    What slows the machine down for longer than a round slows both sides of it.
    """
    ours(), plain()  # what is done once is not what is measured
    found = []
    for turn in range(turns):
        gc.collect(0)
        with _no_garbage_collection():
            if turn % 2:
                mine, other = ours(), plain()
            else:
                other, mine = plain(), ours()
        found.append(mine / other)
    return found


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
