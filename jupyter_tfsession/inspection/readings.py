"""One look at one variable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from jupyter_tfsession.variables.placement import Placement
from jupyter_tfsession.variables.statistics import SAMPLE, Summary, one_line, point, summarize

if TYPE_CHECKING:
    import numpy.typing as npt

    from jupyter_tfsession.sessions.ledger import Stamp
    from jupyter_tfsession.variables.catalogue import VariableRecord

NOWHERE = Placement("", actual=False)


@dataclass(frozen=True)
class Reading:
    """What a variable holds.

    Attributes
    ----------
    record
        The variable.
    written
        Its last write; None where it holds no value.
    text
        A line about the value.
    note
        Why it was not read, or that this is an older reading.
    summary, point
        What the value is like; see `statistics`.
    placement
        Where it is.
    """

    record: VariableRecord
    written: Stamp | None
    text: str
    placement: Placement
    note: str = ""
    summary: Summary | None = None
    point: float | None = None


def unread(record: VariableRecord, written: Stamp | None) -> Reading:
    """Return what is known of a variable without looking at its value."""
    return Reading(record, written, "" if written else "not initialized", NOWHERE)


def described(blank: Reading, array: npt.NDArray[Any], *, exact: bool) -> Reading:
    """Return a reading with what a value is like, all of it or a sample."""
    summary = summarize(array, at_most=None if exact else SAMPLE)
    text = one_line(array, summary)
    return replace(blank, text=text, summary=summary, point=point(array, summary))


def is_same(last: Reading, now: Reading, *, exact: bool) -> bool:
    """Whether nothing was written since, as far as is known, and the last look was close enough."""
    summary = last.summary
    whole = summary is None or summary.sampled == summary.elements
    return now.written is not None and last.written == now.written and (whole or not exact)
