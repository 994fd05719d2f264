"""Summaries of values that are too big to be fetched.

TensorFlow's debugger computes one where the value is, in a run of its own with no fetch: a dozen
numbers come out, through a file. No operation is added to the graph.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_tfsession.variables.statistics import Summary

if TYPE_CHECKING:
    from jupyter_tfsession.variables.catalogue import VariableRecord

_DEBUG_OP = "DebugNumericSummary"


def summarize_unfetched(engine: Any, record: VariableRecord) -> Summary | None:
    """Summarize the value of an initialized variable without fetching it.

    Returns
    -------
    Summary | None
        None where this TensorFlow, or the debugger for this dtype, cannot.
    """
    import tensorflow as tf

    reader = record.reader
    if reader is None:
        return None
    with tempfile.TemporaryDirectory(prefix="tfsession-") as directory:
        options = tf.compat.v1.RunOptions()
        options.debug_options.debug_tensor_watch_opts.add(
            node_name=reader.op.name,
            output_slot=reader.value_index,
            debug_ops=[_DEBUG_OP],
            debug_urls=[Path(directory).as_uri()],
        )
        try:
            engine.run(reader.op, options=options)
        except tf.errors.OpError:
            return None
        for path in Path(directory).rglob(f"*{_DEBUG_OP}*"):
            if path.is_file():
                return _summary(path.read_bytes())
    return None


def _summary(event: bytes) -> Summary | None:
    import tensorflow as tf

    values = tf.compat.v1.Event.FromString(event).summary.value
    if not values:
        return None
    # As documented for DebugNumericSummary.
    known, elements, nan, minus_inf, _, zeros, _, plus_inf, low, high, mean, variance = (
        float(number) for number in tf.make_ndarray(values[0].tensor).ravel()[:12]
    )
    finite = elements - nan - minus_inf - plus_inf > 0
    return (
        Summary(
            elements=int(elements),
            sampled=int(elements),
            mean=mean if finite else None,
            std=max(variance, 0.0) ** 0.5 if finite else None,
            min=low if finite else None,
            max=high if finite else None,
            nan=int(nan),
            inf=int(minus_inf + plus_inf),
            zeros=int(zeros),
        )
        if known
        else None
    )
