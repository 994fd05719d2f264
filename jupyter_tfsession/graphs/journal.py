"""What one cell added to one graph, and finding it again when the cell is run again."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from jupyter_tfsession.graphs.applying import Applied
    from jupyter_tfsession.graphs.loops import Loop
    from jupyter_tfsession.tf_naming_internals import NamingState
    from jupyter_tfsession.tf_signature_internals import Signature


class Entry(NamedTuple):
    """An operation and what it was made of.

    Attributes
    ----------
    operation
        The operation.
    signature
        All that made it what it is; None if it cannot be told, and so is never found again.
    """

    operation: Any
    signature: Signature | None


new_entry: Callable[[tuple[Any, Signature | None]], Entry] = partial(tuple.__new__, Entry)
"""Makes an entry; the class's own constructor is written in Python, which takes a while."""


class Import(NamedTuple):
    """A graph that was imported as a whole.

    Attributes
    ----------
    signature
        All that made it what it is.
    names
        The names that its operations were to have, in the journal's terms.
    elements
        What the import returned.
    """

    signature: Signature
    names: tuple[str, ...]
    elements: Any


@dataclass
class Journal:
    """What a cell's executions so far have added to a graph.

    Attributes
    ----------
    start
        The graph's naming state when the cell first ran.
    entries
        The operations, by the name that was asked for: the name they have, but for those that had
        to make way for others.
    replaced
        By name and signature, operations that an earlier version of the cell made: they are found
        again when an edit is taken back.
    applied
        By the name asked for, what calls came to that say what they make by their arguments, where
        that is not the usual; None where they made more than can be found again.
    imports
        By prefix, the graphs that were imported.
    loops
        By the name that TensorFlow would have given its frame, the loops.
    waits
        By the name of an operation, the names of those for which it was made to wait afterwards.
    variables
        By the name of their operation, the variables as Python objects, replaced ones included.
    stored
        By table, the names under which ``tf.get_variable`` knows them.
    collected
        By collection, the objects that the cell added, in that order.
    seen
        By collection, how many of the cell's own were there each time that the cell asked for it.
    missed
        Names that the cell looked for in the graph before it made what has them.
    code
        What the cell last ran to its end, see `code.digest`; None if it never did.
    """

    start: NamingState
    entries: dict[str, Entry] = field(default_factory=dict)
    replaced: dict[tuple[str, Signature], Any] = field(default_factory=dict)
    applied: dict[str, Applied | None] = field(default_factory=dict)
    imports: dict[str, Import] = field(default_factory=dict)
    loops: dict[str, Loop] = field(default_factory=dict)
    waits: dict[str, set[str]] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    stored: list[set[str]] = field(default_factory=list)
    collected: dict[Any, list[Any]] = field(default_factory=dict)
    seen: dict[Any, list[int]] = field(default_factory=dict)
    missed: set[str] = field(default_factory=set)
    code: bytes | None = None

    def find(self, name: str, signature: Signature | None) -> Any | None:
        """Return the operation that was made under this name from the same parts, if any."""
        if signature is None:
            return None
        entry = self.entries.get(name)
        if entry is not None and entry.signature == signature:
            return entry.operation
        return self.replaced.get((name, signature)) if self.replaced else None

    def without(self, names: Iterable[str], made: set[int]) -> dict[tuple[str, Signature], Any]:
        """Return what is replaced once `names` stand for something else.

        Parameters
        ----------
        names
            Names whose operations are no longer the cell's.
        made
            Ids of the operations that are.
        """
        found = dict(self.replaced)
        for name in names:
            operation, signature = self.entries[name]
            if signature is not None:
                found[name, signature] = operation
        return {key: operation for key, operation in found.items() if id(operation) not in made}

    def keep(
        self, before: Journal, names: Collection[str], code: bytes | None, *, changed: bool
    ) -> None:
        """Keep what the cell made before and still has.

        Parameters
        ----------
        before
            The journal of the earlier executions.
        names
            Names of the operations that are kept.
        code
            What the cell ran; None if it failed.
        changed
            Whether the cell was changed, and ran to its end.
        """
        kept = {name: entry for name, entry in before.entries.items() if name in names}
        self.entries = {**kept, **self.entries}
        self.code = code or before.code
        if changed:
            return
        self.imports = {**before.imports, **self.imports}
        self.applied = {**before.applied, **self.applied}
        self.loops = {**before.loops, **self.loops}
        self.waits = {**before.waits, **self.waits}
        self.missed |= before.missed
        self.seen = self.seen if code is not None else before.seen
