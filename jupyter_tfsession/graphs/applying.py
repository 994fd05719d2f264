"""Most operations are made of a call's arguments; an equal call need not be worked out again.

TensorFlow turns the arguments of ``tf.matmul(a, b)`` into the inputs and attributes of an
operation, which costs more than to create it. Where all of the arguments are tensors and plain
values, they say what the operation is, and the call is its signature.
"""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from jupyter_tfsession import tf_graph_internals as internals
from jupyter_tfsession import tf_signature_internals as signatures

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_tfsession.graphs.journal import Journal
    from jupyter_tfsession.tf_signature_internals import Signature


class Applied(NamedTuple):
    """What TensorFlow made of a call, beside the operation.

    Attributes
    ----------
    structure, stateful
        What it returned.
    within
        The names of the constants that it made of arguments.
    """

    structure: Any
    stateful: bool
    within: tuple[str, ...]


USUAL = Applied([None], stateful=False, within=())
"""What most calls come to, which need not be kept for each of them."""


class Call(NamedTuple):
    """A call whose operation is being made.

    Attributes
    ----------
    op_type, signature
        Type of the operation, and all that it is made of.
    made
        How many operations the execution had made before.
    """

    op_type: str
    signature: Signature
    made: int


_new_call: Callable[[tuple[Any, ...]], Call] = partial(tuple.__new__, Call)


class Applying:
    """The calls of one execution for one graph; on the thread of that execution.

    Parameters
    ----------
    graph, before, now
        The graph, and the journals of the earlier executions and of this one.
    found
        Told of each operation that is found again.

    Attributes
    ----------
    call
        The innermost one under way, if the arguments say what it makes.
    """

    def __init__(
        self,
        graph: Any,
        before: Journal | None,
        now: Journal,
        found: Callable[[Any], None],
    ) -> None:
        self._found = found
        self.call: Call | None = None
        self._graph = graph
        self._before = before
        self._now = now

    def signature_of(self, op_type: str, name: str | None) -> Signature | None:
        """Return the signature of the operation that the call under way is about to create."""
        call = self.call
        # It is named after the scope that the call has entered, and nothing else in it is.
        own = call is not None and call.op_type == op_type and name is not None and name[-1] == "/"
        return call.signature if call is not None and own else None

    def begin(self, op_type: str, keywords: dict[str, Any]) -> Call | None:
        """Return the call; None where the arguments do not say all."""
        signature = signatures.call_signature(self._graph, op_type, keywords)
        if signature is None:
            return None
        return _new_call((op_type, signature, len(self._now.entries)))

    def find(self, call: Call | None, name: str | None) -> Any | None:
        """Return what an equal call returned before, if there was one of that name."""
        before = self._before
        if before is None or call is None:
            return None
        asked = internals.peek_name(self._graph, name or call.op_type)
        entry, applied = before.entries.get(asked), before.applied.get(asked, USUAL)
        if entry is None or applied is None or entry.signature != call.signature:
            return None
        internals.take_name(self._graph, name or call.op_type)
        internals.use_names(self._graph, applied.within)
        for one in (*applied.within, asked):
            found = self._now.entries[one] = before.entries[one]
            self._found(found.operation)
            internals.see(self._graph, found.operation)
        if applied is not USUAL:
            self._now.applied[asked] = applied
        operation = entry.operation
        return list(applied.structure), applied.stateful, operation, operation.outputs

    def note(self, call: Call, result: Any) -> None:
        """Keep what a call returned, if it made nothing but constants and its operation."""
        structure, stateful, operation, _ = result
        entries = self._now.entries
        made = len(entries) - call.made
        if not made:
            return  # it was asked for by a name that the cell has given before
        if made == 1 and not stateful and structure == USUAL.structure:
            return
        asked = next(reversed(entries))
        within = [*islice(reversed(entries), 1, made)]
        own = entries[asked].operation is operation
        constants = all(entries[name].operation.type == "Const" for name in within)
        known = Applied(structure, stateful, tuple(reversed(within)))
        self._now.applied[asked] = known if own and constants else None
