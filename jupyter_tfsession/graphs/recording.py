"""One execution of a cell, as far as it builds one graph.

When it begins, the graph's naming state is rewound to where the cell first found it, so that the
same code asks for the same names. An operation that is made of the same parts under the same name
is the one that was made before; any other is created anew. TensorFlow's C graph knows each name
once, so that a rewound name is only ever used to find, never to create.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from jupyter_tfsession import tf_graph_internals as internals
from jupyter_tfsession import tf_naming_internals as naming
from jupyter_tfsession import tf_signature_internals as signatures
from jupyter_tfsession.graphs.applying import Applying
from jupyter_tfsession.graphs.collecting import Collecting
from jupyter_tfsession.graphs.journal import Entry, Import, Journal, new_entry
from jupyter_tfsession.graphs.stored import Stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_tfsession.graphs.growth import Line
    from jupyter_tfsession.tf_signature_internals import Signature


class Sought(NamedTuple):
    """The outcome of looking for an operation.

    Attributes
    ----------
    asked, signature
        What was asked for, as in `Journal`; without a name, that of the operation itself.
    found
        The operation; None where it has to be created.
    name, attrs
        What to create it with.
    """

    asked: str | None
    signature: Signature | None
    found: Any | None
    name: str | None
    attrs: Any


_new_sought: Callable[[tuple[Any, ...]], Sought] = partial(tuple.__new__, Sought)


class Recording:
    """The building of one graph by one execution; on the thread of that execution.

    Parameters
    ----------
    graph
        The graph.
    journal
        What earlier executions of the cell added; None at the first one.
    unchanged
        Whether the cell is what it was when it last ran to its end.
    revived
        Told of an operation that an earlier version of the cell made, when it is found again.

    Attributes
    ----------
    applying, collecting, stored
        The calls that make operations; the graph's variables and collections; what
        ``tf.get_variable`` knows.
    asked
        The names asked for, by those of the operations that had to make way.
    added, added_when_run
        How many operations were created, in all and up to the last run.
    grown_at
        By line of the notebook, how many runs came with new operations.
    contents
        What fills the look-up table that is being made; None while none is.
    """

    def __init__(
        self,
        graph: Any,
        journal: Journal | None,
        revived: Callable[[Any], None],
        *,
        unchanged: bool = False,
    ) -> None:
        self.graph = graph
        self.unchanged = unchanged
        self.before = journal
        self.added = self.added_when_run = 0
        self.grown_at: dict[Line, int] = {}
        self.contents: bytes | None = None
        self._revived = revived
        self._taken = naming.naming_state(graph)
        self.now = Journal(journal.start if journal else naming.naming_state(graph))
        self.asked = _asked(journal) if journal else {}
        self.applying = Applying(graph, journal, self.now, self._note_context)
        self.collecting = Collecting(graph, journal, self.now, self.asked)
        self.stored = Stored(graph, journal, self.now)
        self._created: set[str] = set()
        self._contexts: list[tuple[Any, Any]] = []
        if journal is not None:
            naming.set_naming_state(graph, journal.start)

    # Operations.

    def look_up(
        self, op_type: str, inputs: Any, name: str | None, attrs: Any, devices: bool
    ) -> Sought:
        """Look for the operation that the code asks for; arguments as TensorFlow's."""
        graph, before = self.graph, self.before
        signature = self.applying.signature_of(op_type, name)
        if signature is None:
            signature = signatures.signature(graph, op_type, inputs, attrs, devices)
        if self.contents is not None and signature is not None:
            signature = signatures.with_contents(op_type, signature, self.contents)
        if before is None:
            return _new_sought((None, signature, None, name, attrs))
        asked = self._name(name or op_type)
        found = before.find(asked, signature)
        if found is None or not signatures.device_functions_agree(graph, found):
            return Sought(asked, signature, None, *self._apart(asked, attrs))
        self._note_context(found)
        internals.replay(graph, found, inputs)
        self.now.entries[asked] = Entry(found, signature)
        if before.replaced and (asked, signature) in before.replaced:
            self._found_again(asked, found)
        return Sought(asked, signature, found, None, None)

    def _note_context(self, operation: Any) -> None:
        """Note in which loop or conditional an operation is, before it is put into the new one."""
        context = internals.context_of(operation)
        if context is not None:
            self._contexts.append((context, operation))

    def _found_again(self, asked: str, operation: Any) -> None:
        if operation.name != asked:
            self.asked[operation.name] = asked
        self._revived(operation)

    def note_wait(self, operation: Any, other: Any) -> None:
        """Note that an operation was made to wait for another after it was created.

        While it is being created, it is not among the entries yet.
        """
        name: str = operation.name
        if self.asked.get(name, name) in self.now.entries:
            self.now.waits.setdefault(name, set()).add(other.name)

    def settle_waits(self, *, everything: bool = False) -> bool:
        """Have what was found again wait for nothing that an earlier version of the cell made.

        Parameters
        ----------
        everything
            The cell has ended: what it has not asked to wait this time, does not.

        Returns
        -------
        bool
            Whether there was such a thing, of which sessions know.
        """
        if self.before is None:
            return False
        settled = False
        made = {entry.operation.name: entry.operation for entry in self.now.entries.values()}
        for name, waits in self.before.waits.items():
            if name in made and (everything or name in self.now.waits):
                unwanted = waits - self.now.waits.get(name, set())
                settled |= internals.take_off(made[name], unwanted)
        return settled

    def note(self, sought: Sought, operation: Any) -> None:
        """Note the operation that was created because none was found."""
        name: str = operation.name
        asked = sought.asked or name
        self.now.entries[asked] = new_entry((operation, sought.signature))
        self.added += 1
        if self.before is None:
            return
        self._taken.names.setdefault(name.lower(), 1)
        self._created.add(name)
        if asked != name:
            self.asked[name] = asked

    def has_made(self, operation: Any) -> bool:
        """Whether this execution, which is the cell's first, has made an operation."""
        return self.before is None and operation.name in self.now.entries

    def is_old(self, operation: Any) -> bool:
        """Whether an operation was there before this execution, so that sessions may know it."""
        return self.before is not None and operation.name not in self._created

    def apart(self, op_type: str, name: str | None, attrs: Any) -> tuple[str | None, Any]:
        """Return the name and attributes with which another thread's operation is created.

        It is none of the cell's own, but the names of its graph are rewound all the same.
        """
        return (
            (name, attrs)
            if self.before is None
            else self._apart(self._name(name or op_type), attrs)
        )

    def current(self, name: str) -> str | None:
        """Return the name of the operation for which this cell has asked as `name`, if it has.

        Raises
        ------
        KeyError
            There is none yet: the operation of that name is the one that the cell is yet to make.
        """
        entry = self.now.entries.get(name)
        if entry is not None:
            return str(entry.operation.name)
        if self.before is not None and name in self.before.missed & self.before.entries.keys():
            self.now.missed.add(name)
            raise KeyError(f"The operation, {name!r}, does not exist in the graph.")
        return None

    def _name(self, name: str) -> str:
        unique: str = name[:-1] if name.endswith("/") else self.graph.unique_name(name)
        return unique

    def _apart(self, asked: str, attrs: Any) -> tuple[str, Any]:
        """Ask for an operation under a name of its own, and for a resource of its own with it."""
        fresh = self.fresh(asked)
        shared = (attrs or {}).get("shared_name")
        if fresh != asked and shared is not None and shared.s.decode() == asked:
            attrs = {**attrs, "shared_name": type(shared)(s=fresh.encode())}
        return f"{fresh}/", attrs

    def fresh(self, name: str) -> str:
        """Return a name like `name` that no operation of the graph has."""
        taken = self._taken.names
        key, number = name.lower(), taken.get(name.lower(), 0)
        fresh = name
        while fresh.lower() in taken:
            fresh = f"{name}_{number}"
            number += 1
        taken[key] = max(number, 1)
        taken[fresh.lower()] = max(taken.get(fresh.lower(), 0), 1)
        return fresh

    # Graphs that are imported as a whole.

    def look_up_import(self, prefix: str, signature: Signature | None) -> Import | None:
        """Return the import that was made under this prefix from the same parts, if any."""
        found = self.before.imports.get(prefix) if self.before else None
        if self.before is None or found is None or found.signature != signature:
            return None
        entries = self.before.entries
        if not all(name in entries for name in found.names):
            return None
        self._take_in(prefix, found, [entries[name].operation for name in found.names])
        internals.use_names(self.graph, found.names)
        return found

    def note_import(self, prefix: str, made: Import, operations: list[Any]) -> None:
        """Note a graph that was imported because none was found."""
        self._take_in(prefix, made, operations)
        self.added += len(operations)
        names = [operation.name for operation in operations]
        for name in names:
            self._taken.names.setdefault(name.lower(), 1)
        internals.free_names(self.graph, set(names).difference(made.names))
        internals.use_names(self.graph, made.names)

    def _take_in(self, prefix: str, made: Import, operations: list[Any]) -> None:
        self.now.imports[prefix] = made
        for asked, operation in zip(made.names, operations, strict=True):
            self.now.entries[asked] = Entry(operation, None)
            if operation.name != asked:
                self.asked[operation.name] = asked

    # The end, see `ending`.

    def abandon(self) -> None:
        """Bring the graph forward so that it can go on as in plain TensorFlow."""
        self.bring_forward(failed=True)
        self.stored.restore(lambda _variable: True)
        self.collecting.finish(lambda _item: True)

    def bring_forward(self, *, failed: bool) -> None:
        """Let names, seeds and variables go on from where the graph was, and from what is new."""
        if self.before is None:  # nothing was rewound, but TensorFlow does not count all names
            internals.use_names(self.graph, self.now.entries)
        else:
            current = naming.naming_state(self.graph)
            naming.set_naming_state(self.graph, naming.merged(self._taken, current))
        for context, operation in self._contexts if failed else ():
            internals.return_to(context, operation)
        self.stored.keep()


def _asked(journal: Journal) -> dict[str, str]:
    """Return the names asked for, by those of the operations that had to make way."""
    names = ((entry.operation.name, asked) for asked, entry in journal.entries.items())
    return {name: asked for name, asked in names if name != asked}
