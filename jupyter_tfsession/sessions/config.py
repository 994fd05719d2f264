"""What a managed session is configured with, beside what the notebook asks for."""

from __future__ import annotations

from typing import Any

from jupyter_tfsession import tf_internals

_FIXED_IN_PROCESS = (
    "gpu_options",
    "intra_op_parallelism_threads",
    "inter_op_parallelism_threads",
)
"""Fields that TensorFlow reads at the first session of a process and never again.

For GPU memory: gpu_process_state.h, "only the total_bytes used on that first call is used".
"""


def effective(config: Any | None, *, pruned: bool = False) -> Any:
    """Return the configuration to open a session with; `config` itself is left as it is.

    Without a configuration of the notebook's own, operations are placed softly, and GPU memory is
    taken as it is needed.

    Parameters
    ----------
    config
        What the notebook asks for.
    pruned
        Whether to place only what is run (``place_pruned_graph``), so that an operation on a device
        that is not there fails alone. TensorFlow does not optimize a graph that is placed so, and
        loses the feeds of partial runs.
    """
    import tensorflow as tf

    result = tf.compat.v1.ConfigProto()
    if config is None:
        result.CopyFrom(tf_internals.global_config())
        result.allow_soft_placement = True
        result.gpu_options.allow_growth = True
    else:
        result.CopyFrom(config)
    if pruned:
        result.graph_options.place_pruned_graph = True
    return result


def unchangeable(first: Any, wanted: Any) -> list[str]:
    """Name the options of `wanted` that have no effect since the process's first session."""
    names = []
    for field in _FIXED_IN_PROCESS:
        before, after = getattr(first, field), getattr(wanted, field)
        if before != after and not (field.startswith("inter") and wanted.use_per_session_threads):
            names.extend(_changed_parts(field, before, after))
    return names


def _changed_parts(field: str, before: Any, after: Any) -> list[str]:
    descriptor = getattr(after, "DESCRIPTOR", None)
    if descriptor is None:
        return [field]
    parts = (part.name for part in descriptor.fields)
    return [f"{field}.{part}" for part in parts if getattr(before, part) != getattr(after, part)]
