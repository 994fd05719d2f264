"""Every private TensorFlow name that checkpoints need."""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple


class Slice(NamedTuple):
    """The part of a partitioned variable that one of its variables is.

    Attributes
    ----------
    whole
        The name of the partitioned variable, under which checkpoints have it.
    spec
        The shape of the whole, and where the part begins and how long it is, as checkpoints say it.
    """

    whole: str
    spec: str


def slices_in(graph: Any) -> dict[str, Slice]:
    """Return the parts of partitioned variables, by the names of their operations."""
    found = {}
    for key in graph.get_all_collection_keys():
        for item in graph.get_collection(key):
            info = getattr(item, "_save_slice_info", None)
            if info is not None and getattr(item, "op", None) is not None:
                found[item.op.name] = Slice(info.full_name, info.spec)
    return found


def names_of_keys(object_graph: bytes) -> dict[str, str]:
    """Return the names that variables had, by their keys in an object-based checkpoint."""
    protobuf = importlib.import_module("tensorflow.core.protobuf.trackable_object_graph_pb2")
    nodes = protobuf.TrackableObjectGraph.FromString(object_graph).nodes
    return {
        attribute.checkpoint_key: attribute.full_name
        for node in nodes
        for attribute in node.attributes
        if attribute.full_name
    }
