"""Where variables are: on the devices that TensorFlow gave them, not those that were asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_tfsession.features import first_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_tfsession.variables.catalogue import VariableRecord


@dataclass(frozen=True)
class Placement:
    """Where a variable is.

    Attributes
    ----------
    device
        The device; "" where TensorFlow has placed it nowhere yet.
    actual
        Whether TensorFlow says so. Otherwise this is what was asked for.
    because
        Why TensorFlow does not say so.
    """

    device: str
    actual: bool
    because: str = ""


def placements(engine: Any, records: Iterable[VariableRecord]) -> dict[str, Placement]:
    """Ask where variables are, by running the operations that *are* the variables.

    That runs nothing else, adds no operation and reads no value. Variables that ask for the same
    device stand or fall together: where one cannot be placed, the others are asked for without it.
    """
    groups: dict[str, list[VariableRecord]] = {}
    for record in records:
        groups.setdefault(record.device, []).append(record)
    every = [record for group in groups.values() for record in group]
    found: dict[str, Placement] = {}
    for group in (every,) if len(groups) == 1 else (every, *groups.values()):
        if found.keys() >= {record.name for record in group}:
            continue
        devices, because = _ask(engine, group)
        if because and group is every and len(groups) > 1:
            continue
        for record in group:
            device = devices.get(record.name)
            found[record.name] = (
                Placement(device, actual=True)
                if device
                else Placement(record.device, actual=False, because=because or _FOLDED)
            )
    return found


_FOLDED = "TensorFlow did not say"


def _ask(engine: Any, records: list[VariableRecord]) -> tuple[dict[str, str], str]:
    """Return the devices, or why there are none."""
    import tensorflow as tf

    if not records:
        return {}, ""
    try:
        _, devices = _run(engine, [record.handle for record in records])
    except (tf.errors.OpError, TypeError, ValueError) as error:
        # Switched off in the configuration, or a device that is not there.
        return {}, first_line(error)
    return devices, ""


def run_and_see(engine: Any, fetches: list[Any]) -> tuple[list[Any], dict[str, str]]:
    """Run something, and return the devices of the operations that ran, by name, as well.

    There are none where TensorFlow is told not to say.
    """
    import tensorflow as tf

    try:
        return _run(engine, fetches)
    except tf.errors.InvalidArgumentError:
        return engine.run(fetches), {}


def _run(engine: Any, fetches: list[Any]) -> tuple[list[Any], dict[str, str]]:
    import tensorflow as tf

    options = tf.compat.v1.RunOptions(output_partition_graphs=True)
    metadata = tf.compat.v1.RunMetadata()
    values = engine.run(fetches, options=options, run_metadata=metadata)
    return values, {
        node.name: node.device for graph in metadata.partition_graphs for node in graph.node
    }


def differs(requested: str, actual: str) -> bool:
    """Whether a variable is elsewhere than where it was asked to be."""
    wanted, got = (_parts(device) for device in (requested, actual))
    return any(got.get(key, "") != value for key, value in wanted.items())


def _parts(device: str) -> dict[str, str]:
    """Split a device as TensorFlow writes it; ``/gpu:0`` is the same as ``/device:GPU:0``."""
    parts: dict[str, str] = {}
    for part in filter(None, device.split("/")):
        key, _, value = part.partition(":")
        if key.lower() in {"cpu", "gpu", "tpu"}:
            key, value = "device", f"{key}:{value}"
        if value.endswith("*") or (key in {"job", "replica", "task"} and not value):
            value = value.rstrip("*").rstrip(":")
        if value:
            parts[key.lower()] = value.upper() if key.lower() == "device" else value
    kind, _, number = parts.get("device", "").partition(":")
    if kind:
        parts.pop("device")
        parts["kind"] = kind
        if number and number != "*":
            parts["number"] = number
    return parts
