"""What the tables of the commands say of a variable, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_tfsession.displays import Table, human_bytes
from jupyter_tfsession.graphs.stale import retired_in
from jupyter_tfsession.inspection.naming import logical_name
from jupyter_tfsession.variables.placement import differs
from jupyter_tfsession.variables.values import unwritable

if TYPE_CHECKING:
    from jupyter_tfsession.inspection.readings import Reading
    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.variables.catalogue import VariableRecord


def row(
    live: LiveSession, reading: Reading, retired: set[str], redefined: set[str]
) -> tuple[str, ...]:
    """Return a line about a variable, in the columns of ``vars``."""
    record = reading.record
    marks = [
        mark
        for mark, names in (("retired", retired), ("redefined", redefined))
        if record.name in names
    ]
    name = logical_name(live.graph, record)
    return (
        f"{name} ({', '.join(marks)})" if marks else name,
        record.dtype.name,
        _shape(record),
        human_bytes(record.nbytes),
        reading.text or reading.note,
        "yes" if record.trainable else "",
        _device(reading),
        _written(reading),
    )


def facts(live: LiveSession, reading: Reading) -> Table:
    """Return all that is known of a variable but for its value in full."""
    record = reading.record
    name = logical_name(live.graph, record)
    rows = [
        ("name", name),
        ("operation", record.name),
        ("dtype", record.dtype.name),
        ("shape", _shape(record)),
        ("bytes", human_bytes(record.nbytes)),
        ("trainable", "yes" if record.trainable else "no"),
        ("collections", ", ".join(map(str, record.collections)) or "none"),
        ("value", " ".join(filter(None, (reading.text, reading.note)))),
        ("requested device", record.device or "any"),
        ("actual device", _device(reading)),
        ("written", _written(reading) or "never"),
    ]
    if record.name in live.redefined:
        rows.append(("redefined", "the next initializer applies the edited initial value"))
    if record.name in retired_in(live.graph):
        rows.append(("retired", "made by an earlier version of a cell"))
    if unwritable(record):
        rows.append(("not writable", unwritable(record)))
    return Table(title=f"{name} of {live.name}", columns=("what", "is"), rows=rows)


def _shape(record: VariableRecord) -> str:
    return "unknown" if record.shape is None else str(record.shape).replace("None", "?")


def _device(reading: Reading) -> str:
    """Say where a variable is, and what else was asked for."""
    requested, place = reading.record.device, reading.placement
    if not place.actual:
        return f"{_short(requested)} (asked for)" if requested else ""
    got = _short(place.device)
    return f"{got} (not {_short(requested)})" if differs(requested, place.device) else got


def _short(device: str) -> str:
    return device.removeprefix("/job:localhost/replica:0/task:0").removeprefix("/device:")


def _written(reading: Reading) -> str:
    if reading.written is None:
        return ""
    execution, run = reading.written
    return f"{execution.label if execution else 'outside a cell'}, run {run}"


def memory_of(device: Any) -> str:
    """Say how much memory TensorFlow may use on a device; of the CPU it tells a made-up number."""
    return human_bytes(device.memory_limit_bytes) if device.device_type != "CPU" else ""
