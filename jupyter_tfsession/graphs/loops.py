"""Loops (``tf.while_loop`` as TensorFlow 1 builds it): found again as a whole, or made as a whole.

The operations of a loop belong to a frame, which is known by its name, and run in it until its
condition says no. Where a part of a loop is edited, the whole of it has to be another loop, in a
frame of its own, or the old one and the new one are one loop with two conditions.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from jupyter_tfsession import tf_graph_internals as internals
from jupyter_tfsession.graphs import code

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_tfsession.graphs.recording import Recording


class Loop(NamedTuple):
    """A loop that was built.

    Attributes
    ----------
    made_of
        Digest of its functions and of what they and the loop take.
    name
        The name of its frame.
    """

    made_of: bytes
    name: str


def name_loop(
    recording: Recording, asked: str, functions: tuple[Callable[..., Any], ...], variables: Any
) -> str:
    """Return the name for the frame of a loop: the earlier one's if it is the same loop.

    Parameters
    ----------
    recording
        The recording of the graph.
    asked
        The name that TensorFlow would give.
    functions, variables
        The loop's condition and body, and what it starts with.
    """
    made_of = blake2b(digest_size=16)
    for tensor in internals.flat(variables):
        made_of.update(repr(code.identity(tensor)).encode())
    for function in functions:
        made_of.update(code.function_digest(function))
    before = recording.before
    earlier = before.loops.get(asked) if before is not None else None
    if before is None:
        name = asked
    elif earlier is not None and earlier.made_of == made_of.digest():
        name = earlier.name
    else:
        name = recording.fresh(asked)
    recording.now.loops[asked] = Loop(made_of.digest(), name)
    return name
