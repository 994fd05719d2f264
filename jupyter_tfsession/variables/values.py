"""Reading, writing and checking variables through operations that exist.

Everything here takes a plain session's ``run``, adds no operation, works on finalized graphs, and
says of what it cannot do why not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_tfsession import tf_internals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import numpy.typing as npt

    from jupyter_tfsession.variables.catalogue import VariableRecord

    Run = Callable[..., Any]
    Values = dict[str, npt.NDArray[Any]]


def unreadable(record: VariableRecord) -> str:
    """Say why a variable cannot be read; empty if it can."""
    if record.reader is None:
        return "the graph has no operation that reads it"
    if not record.reader.graph.is_fetchable(record.reader):
        return "TensorFlow does not let its reader be fetched"
    return ""


def unwritable(record: VariableRecord) -> str:
    """Say why a variable cannot be written; empty if it can."""
    if record.initializer is None:
        return "it has no initializer through which to write"
    if len(record.initializer.inputs) < 2:  # noqa: PLR2004 - the variable and its value
        return "its initializer takes no value"
    value = record.initializer.inputs[1]
    if not value.graph.is_feedable(value):
        return "TensorFlow does not let its initial value be fed"
    return ""


def read(run: Run, records: Iterable[VariableRecord]) -> Values:
    """Read whole variables in one run; those that cannot be read are left out.

    Parameters
    ----------
    run
        A plain session's ``run``.
    records
        Variables that hold values: an uninitialized one makes TensorFlow raise.

    Returns
    -------
    dict
        Host arrays by variable name. They are copies: on the CPU TensorFlow may hand out the
        variable's own buffer, which later steps overwrite.
    """
    readable = [record for record in records if not unreadable(record)]
    if not readable:
        return {}
    import numpy as np

    arrays = run([record.reader for record in readable])
    return {
        record.name: np.array(array, dtype=record.dtype.as_numpy_dtype)
        for record, array in zip(readable, arrays, strict=True)
    }


def write(run: Run, values: Iterable[tuple[VariableRecord, Any]]) -> dict[str, str]:
    """Write variables by running their initializers with the initial values fed.

    Two variables may have one and the same tensor as initial value, which can be fed one value
    in a run; such variables are written in successive runs.

    Returns
    -------
    dict
        For each variable that could not be written, by name, the reason.
    """
    refused: dict[str, str] = {}
    rounds: list[dict[int, tuple[Any, Any, Any]]] = []
    for record, value in values:
        reason = unwritable(record)
        if reason:
            refused[record.name] = reason
            continue
        fed = record.initializer.inputs[1]  # type: ignore[union-attr]  # looked above
        fitting = next((one for one in rounds if id(fed) not in one), None)
        if fitting is None:
            fitting = {}
            rounds.append(fitting)
        fitting[id(fed)] = (record.initializer, tf_internals.Fed(fed), value)
    for one in rounds:
        run([operation for operation, _, _ in one.values()], {f: v for _, f, v in one.values()})
    return refused


def hold_values(run: Run, records: Iterable[VariableRecord]) -> dict[str, bool]:
    """Ask TensorFlow which variables hold a value.

    ResourceVariables are asked in one run, through their flags. A RefVariable has no flag: its
    reader is run as a target, one by one, so that no value is moved; TensorFlow raises where
    there is none.
    """
    import tensorflow as tf

    known: dict[str, bool] = {}
    records = list(records)
    flagged = [record for record in records if record.flag is not None]
    if flagged:
        flags = run([record.flag for record in flagged])
        known.update((record.name, bool(flag)) for record, flag in zip(flagged, flags, strict=True))
    for record in records:
        if record.flag is None and record.reader is not None:
            try:
                run(record.reader.op)
            except tf.errors.FailedPreconditionError:
                known[record.name] = False
            else:
                known[record.name] = True
    return known


def total_bytes(values: Mapping[str, npt.NDArray[Any]]) -> int:
    """Return the host bytes of arrays; strings count with what they hold."""
    return sum(
        sum(len(item) for item in array.ravel()) if array.dtype == object else int(array.nbytes)
        for array in values.values()
    )
