"""Values of retired variables: on the host, until something uses them again.

A cell that was edited to make a variable of another shape leaves the old one behind. Its memory is
released, and its value waits: cells that are stale may still run in it, and when the edit is taken
back the variable is the cell's own again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_tfsession import tf_internals
from jupyter_tfsession.variables import values

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_tfsession.variables.catalogue import VariableRecord
    from jupyter_tfsession.variables.values import Values


def releasable(record: VariableRecord) -> bool:
    """Whether TensorFlow can release a variable's memory without a new operation.

    A ResourceVariable takes a value of any shape, such as an empty one; a RefVariable does not.
    """
    known = record.handle.type == "VarHandleOp" and bool(record.shape and record.nbytes)
    return known and not (values.unreadable(record) or values.unwritable(record))


def shelve(engine: Any, records: Iterable[VariableRecord], shelf: Values) -> None:
    """Move the values of variables from a session to the shelf."""
    import numpy as np

    for record in records:
        shelf.update(values.read(engine.run, [record]))
        assert record.initializer is not None  # noqa: S101 - it is releasable
        fed = record.initializer.inputs[1]
        empty = np.zeros([0], fed.dtype.base_dtype.as_numpy_dtype)
        tf_internals.write_any_shape(engine, record.initializer, fed, empty)


def unshelve(engine: Any, records: Iterable[VariableRecord], shelf: Values) -> None:
    """Move the values of variables from the shelf back to a session."""
    records = [record for record in records if record.name in shelf]
    values.write(engine.run, [(record, shelf[record.name]) for record in records])
    for record in records:
        del shelf[record.name]
