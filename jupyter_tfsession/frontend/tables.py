"""The variables of a session in the words of the protocol."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Literal

from jupyter_tfsession.displays import elide, visible
from jupyter_tfsession.frontend.protocol import VERSION, Detail, Table, number
from jupyter_tfsession.frontend.protocol import variables as sent
from jupyter_tfsession.frontend.protocol.types import MAX_POINTS, MAX_SPARK
from jupyter_tfsession.frontend.states import front_end_id
from jupyter_tfsession.graphs.stale import journals_of, retired_in, stale_in
from jupyter_tfsession.inspection.naming import Names, logical_name
from jupyter_tfsession.variables.pictures import picture
from jupyter_tfsession.variables.statistics import histogram
from jupyter_tfsession.variables.values import unreadable, unwritable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from jupyter_tfsession.frontend.protocol import Special
    from jupyter_tfsession.inspection.inspector import Inspector
    from jupyter_tfsession.inspection.readings import Reading
    from jupyter_tfsession.sessions.ledger import Stamp
    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.variables.catalogue import VariableRecord
    from jupyter_tfsession.variables.statistics import Summary

_NAME = 10_000
_LINE = 2_000
_TEXT = 20_000
_MOST_COLLECTIONS = 64
_COPIED = 4_000


def numbered(live: LiveSession) -> list[VariableRecord]:
    """Return the variables of a graph; the place of each is its id.

    TensorFlow adds operations at the end and never removes one, so that an id is good forever.
    """
    return list(live.plans.catalogue.records.values())


def matching(
    live: LiveSession, records: Sequence[VariableRecord], globs: Sequence[str]
) -> list[int]:
    """Return the ids of the variables whose names match any of the patterns, or all."""
    if not globs:
        return list(range(len(records)))
    names = Names(live.graph, records)
    found = {record.name for glob in globs for record in names.matching(glob)}
    return [variable for variable, record in enumerate(records) if record.name in found]


def rows(
    live: LiveSession, inspector: Inspector, wanted: Iterable[tuple[int, VariableRecord]]
) -> Iterator[sent.Row]:
    """Yield what variables are."""
    retired = set(retired_in(live.graph))
    redefined = set(live.redefined)
    stale = {
        name
        for cell in list(stale_in(live.graph))
        if cell in journals_of(live.graph)
        for name in list(journals_of(live.graph)[cell].variables)
    }
    history = inspector.history(live)
    for variable, record in wanted:
        marks: list[Literal["retired", "redefined", "stale"]] = []
        marks += ["retired"] if record.name in retired else []
        marks += ["redefined"] if record.name in redefined else []
        marks += ["stale"] if record.name in stale else []
        points = history.of(record.name)[-MAX_SPARK:]
        yield sent.Row(
            variable=variable,
            name=short(logical_name(live.graph, record), _NAME),
            operation=short(record.name, _NAME),
            dtype=record.dtype.name,
            shape=list(record.shape) if record.shape is not None else None,
            bytes=record.nbytes,
            trainable=record.trainable,
            collections=[short(str(key), _NAME) for key in record.collections][:_MOST_COLLECTIONS],
            requested=short(record.device, _NAME),
            marks=marks,
            unreadable=short(unreadable(record), _LINE),
            unwritable=short(unwritable(record), _LINE),
            history=[number(point.value) for point in points],
        )


def table(
    live: LiveSession, generation: int, total: int, made: list[sent.Row], view: str = ""
) -> Table:
    """Return some of the rows of a view's table."""
    return Table(
        version=VERSION,
        view=view,
        graph=live.serial,
        generation=generation,
        total=total,
        rows=made,
    )


def reading(variable: int, read: Reading) -> sent.Reading:
    """Translate what a variable holds."""
    return sent.Reading(
        variable=variable,
        initialized=read.written is not None,
        text=short(read.text, _LINE),
        note=short(read.note, _LINE),
        summary=_summary(read.summary) if read.summary is not None else None,
        point=number(read.point) if read.point is not None else None,
        written=_written(read.written) if read.written is not None else None,
        device=short(read.placement.device, _NAME),
        placed="actual" if read.placement.actual else "requested",
    )


def detail(
    live: LiveSession, inspector: Inspector, variable: int, generation: int, view: str = ""
) -> Detail:
    """Look at one variable closely."""
    record = numbered(live)[variable]
    (read,) = inspector.read(live, [record], exact=True)
    value = inspector.value(live, record) if read.written is not None else None
    text, cut = copied(value) if value is not None else ("", False)
    points = inspector.history(live).of(record.name)[-MAX_POINTS:]
    counted = histogram(value) if value is not None else None
    return Detail(
        version=VERSION,
        view=view,
        graph=live.serial,
        generation=generation,
        time=time.time(),
        reading=reading(variable, read),
        text=text,
        cut=cut,
        histogram=sent.Histogram(*counted) if counted is not None else None,
        history=sent.History(
            of="value" if record.shape == () else "norm",
            runs=[point.run for point in points],
            times=[point.time for point in points],
            values=[number(point.value) for point in points],
            cells=[point.cell for point in points],
        ),
        picture=_picture(value) if value is not None else None,
    )


def copied(array: npt.NDArray[Any]) -> tuple[str, bool]:
    """Return a value as JSON of bounded length, and whether something was cut off."""
    shown = array if array.size <= _COPIED else array.reshape(-1)[:_COPIED]
    text = json.dumps(_plain(shown), default=_as_text)
    return text[:_TEXT], shown is not array or len(text) > _TEXT


def _plain(array: npt.NDArray[Any]) -> Any:
    import numpy as np

    if array.dtype.kind == "V":  # bfloat16, float8, int4: as the numbers that they are
        array = array.astype(np.float64)
    return array.tolist()


def _as_text(item: Any) -> str:
    """Write what JSON has nothing for: bytes, complex numbers."""
    return item.decode("utf-8", "backslashreplace") if isinstance(item, bytes) else str(item)


def _picture(value: npt.NDArray[Any]) -> sent.Picture | None:
    drawn = picture(value)
    if drawn is None:
        return None
    return sent.Picture(
        kind=drawn.kind,
        rows=drawn.values.shape[0],
        columns=drawn.values.shape[1],
        values=[number(item) for item in drawn.values.ravel().tolist()],
        limit=drawn.limit,
        index=list(drawn.index),
        step=list(drawn.step),
    )


def _summary(summary: Summary) -> sent.Summary:
    return sent.Summary(
        elements=summary.elements,
        sampled=summary.sampled,
        mean=_number(summary.mean),
        std=_number(summary.std),
        min=_number(summary.min),
        max=_number(summary.max),
        nan=summary.nan,
        inf=summary.inf,
        zeros=summary.zeros,
    )


def _number(value: float | None) -> float | Special | None:
    return number(value) if value is not None else None


def _written(stamp: Stamp) -> sent.Written:
    execution, run = stamp
    return sent.Written(
        cell=execution.label if execution else "",
        id=front_end_id(execution.cell) if execution else "",
        run=run,
    )


def short(text: str, limit: int) -> str:
    """Return text of bounded length, with what cannot be seen written out."""
    return elide(visible(elide(text, limit)), limit)
