"""The bounded types that messages are made of."""

from __future__ import annotations

import math
from typing import Annotated, Final, Literal, TypeAlias

from msgspec import Meta, Struct

VERSION: Final = 1
"""Version of the protocol; raised only when old front ends would misunderstand."""

Version: TypeAlias = Literal[1]
Word: TypeAlias = Annotated[str, Meta(max_length=200)]
Line: TypeAlias = Annotated[str, Meta(max_length=2_000)]
Name: TypeAlias = Annotated[str, Meta(max_length=10_000)]
Token: TypeAlias = Annotated[str, Meta(min_length=1, max_length=64)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Real: TypeAlias = Annotated[float, Meta(ge=-1.7976931348623157e308, le=1.7976931348623157e308)]
Special: TypeAlias = Literal["NaN", "Infinity", "-Infinity"]
Number: TypeAlias = Real | Special

MAX_ROWS: Final = 1_000
"""Rows in one message, and variables that a view can have sampled."""

MAX_POINTS: Final = 240
"""Points of a history."""

MAX_SPARK: Final = 60
"""Points of a row's sparkline."""

MAX_CELLS: Final = 64 * 64
"""Numbers of a picture."""


class Message(Struct, forbid_unknown_fields=True):
    """What all messages and their parts have in common."""


def number(value: float) -> Number:
    """Return a number as it travels."""
    value = float(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value
