"""One execution of a cell, as far as it builds one graph.

When it begins, the graph's naming state is rewound to where the cell first found it, so that the
same code asks for the same names. An operation that is made of the same parts under the same name
is the one that was made before; any other is created anew. TensorFlow's C graph knows each name
once, so that a rewound name is only ever used to find, never to create.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from jupyter_tfsession import tf_graph_internals as internals
from jupyter_tfsession import tf_naming_internals as naming
from jupyter_tfsession.graphs.applying import Applying
from jupyter_tfsession.graphs.collecting import Collecting, operation_of
from jupyter_tfsession.graphs.journal import Entry, Import, Journal

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_tfsession.graphs.growth import Line


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
    signature: bytes | None
    found: Any | None
    name: str | None
    attrs: Any


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
    applying, collecting
        The calls that make operations; the graph's variables and collections.
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
        self.now = Journal(journal.start if journal else self._taken)
        self.asked = _asked(journal) if journal else {}
        self.applying = Applying(graph, journal, self.now)
        self.collecting = Collecting(graph, journal, self.now, self.asked)
        self._forgotten: list[dict[str, Any]] = []
        self._reused: list[Any] = []
        self._contexts: list[tuple[Any, Any]] = []
        if journal is not None:
            naming.set_naming_state(graph, journal.start)
            self._forget_stored(journal)
        self._known = [set(table) for table in internals.variable_tables(graph)]

    def _forget_stored(self, journal: Journal) -> None:
        """Let ``tf.get_variable`` make the cell's own variables once more."""
        for table, names in zip(
            internals.variable_tables(self.graph), journal.stored, strict=False
        ):
            self._forgotten.append({name: table.pop(name) for name in names if name in table})

    def reuse(self, name: str) -> None:
        """Let ``tf.get_variable(name, reuse=True)`` find what the cell has not made again yet."""
        for table, forgotten in zip(
            internals.variable_tables(self.graph), self._forgotten, strict=False
        ):
            if name in forgotten and name not in table:
                table[name] = forgotten[name]
                self._reused.append(forgotten[name])

    # Operations.

    def look_up(
        self, op_type: str, inputs: Any, name: str | None, attrs: Any, devices: bool
    ) -> Sought:
        """Look for the operation that the code asks for; arguments as TensorFlow's."""
        graph, before = self.graph, self.before
        waits_for = internals.control_inputs(graph, inputs)
        signature = self.applying.signature_of(op_type, name)
        if signature is None:
            signature = internals.signature(graph, op_type, inputs, waits_for, attrs, devices)
        if self.contents is not None and signature is not None:
            signature = internals.with_contents(op_type, signature, self.contents)
        if before is None:
            return Sought(None, signature, None, name, attrs)
        asked = self._name(name or op_type)
        found = before.find(asked, signature)
        if found is None or not internals.device_functions_agree(graph, found):
            return Sought(asked, signature, None, *self._apart(asked, attrs))
        context = internals.replay(graph, found, inputs, waits_for)
        if context is not None:
            self._contexts.append((context, found))
        self.now.entries[asked] = Entry(found, signature)
        if before.replaced and (asked, signature) in before.replaced:
            self._found_again(asked, found)
        return Sought(asked, signature, found, None, None)

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
        self.now.entries[asked] = Entry(operation, sought.signature)
        if asked != name:
            self.asked[name] = asked
        self.added += 1

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
        fresh = self._fresh(asked)
        shared = (attrs or {}).get("shared_name")
        if fresh != asked and shared is not None and shared.s.decode() == asked:
            attrs = {**attrs, "shared_name": type(shared)(s=fresh.encode())}
        return f"{fresh}/", attrs

    def _fresh(self, name: str) -> str:
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

    def look_up_import(self, prefix: str, signature: bytes | None) -> Import | None:
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
        for operation in operations:
            self._taken.names.setdefault(operation.name.lower(), 1)

    def _take_in(self, prefix: str, made: Import, operations: list[Any]) -> None:
        self.now.imports[prefix] = made
        for asked, operation in zip(made.names, operations, strict=True):
            self.now.entries[asked] = Entry(operation, None)
            if operation.name != asked:
                self.asked[operation.name] = asked

    # The end.

    def abandon(self) -> None:
        """Bring the graph forward so that it can go on as in plain TensorFlow."""
        self._bring_forward()
        self.now.stored = [set(), set()]
        self._restore_stored(lambda _variable: True)
        self.collecting.finish(lambda _item: True)

    def _bring_forward(self) -> None:
        current = naming.naming_state(self.graph)
        naming.set_naming_state(self.graph, naming.merged(self._taken, current))

    def finish(self, code: bytes | None) -> tuple[Journal, list[Any]]:
        """Bring the graph's naming state forward again, and keep the journal.

        Parameters
        ----------
        code
            What the cell ran, see `code.digest`; None if it failed. What a cell did not make again
            stays the cell's own unless it was changed and ran to its end.

        Returns
        -------
        tuple
            The cell's journal from now on, and the operations that are retired.
        """
        self._bring_forward()
        if code is None:
            for context, operation in self._contexts:
                internals.return_to(context, operation)
        tables = internals.variable_tables(self.graph)
        known = self._known or [set() for _ in tables]
        self.now.stored = [set(t) - before for t, before in zip(tables, known, strict=True)]
        self.now.code = code
        before = self.before
        if before is None:
            return self.now, []
        everything = code is not None and code != before.code and bool(self.now.entries)
        made = {id(entry.operation) for entry in self.now.entries.values()}
        left = {
            name: entry.operation
            for name, entry in before.entries.items()
            if id(entry.operation) not in made and (everything or name in self.now.entries)
        }
        used = self._used(left) if everything else set()
        gone = [name for name in left if name not in used]
        retired = [left[name] for name in gone]
        self.now.replaced = before.without(gone, made)
        self.now.variables = {**before.variables, **self.now.variables}
        self.collecting.retire(retired)
        kept = {id(left[name]) for name in used}
        self.collecting.finish(lambda item: not everything or id(operation_of(item)) in kept)
        self._restore_stored(lambda v: not everything or any(id(op) in kept for op in _parts(v)))
        self.now.entries = {
            **(before.entries if not everything else {n: before.entries[n] for n in used}),
            **self.now.entries,
        }
        if not everything:
            self.now.imports = {**before.imports, **self.now.imports}
            self.now.applied = {**before.applied, **self.now.applied}
            self.now.waits = {**before.waits, **self.now.waits}
            self.now.missed |= before.missed
            self.now.seen = self.now.seen if code is not None else before.seen
            self.now.code = code or before.code
        return self.now, retired

    def _used(self, left: dict[str, Any]) -> set[str]:
        """Return the names of those left over on which what was made this time is built."""
        assert self.before is not None  # noqa: S101 - for the type checker
        names = {id(operation): name for name, operation in left.items()}
        used: set[str] = set()
        waiting: list[Any] = []
        if names:
            waiting.extend(entry.operation for entry in self.now.entries.values())
            waiting.extend(part for variable in self._reused for part in _parts(variable))
            used.update(names.pop(id(part)) for part in waiting if id(part) in names)
        while waiting and names:
            operation = waiting.pop()
            parts = internals.built_on(operation)
            variable = self.before.variables.get(operation.name)
            if variable is not None and operation.name in left:
                parts.extend(internals.parts_of(variable))
            for part in parts:
                name = names.pop(id(part), None)
                if name is not None:
                    used.add(name)
                    waiting.append(part)
        return used

    def _restore_stored(self, keeps: Callable[[Any], bool]) -> None:
        """Let ``tf.get_variable`` know again what the cell made before and still has."""
        for table, names, forgotten in zip(
            internals.variable_tables(self.graph), self.now.stored, self._forgotten, strict=False
        ):
            for name in forgotten.keys() - table.keys():
                if keeps(forgotten[name]):
                    table[name] = forgotten[name]
                    names.add(name)


def _parts(variable: Any) -> list[Any]:
    """Return the operations that a variable, whole or partitioned, is."""
    return [part.op for part in (variable if hasattr(variable, "_variable_list") else [variable])]


def _asked(journal: Journal) -> dict[str, str]:
    """Return the names asked for, by those of the operations that had to make way."""
    names = ((entry.operation.name, asked) for asked, entry in journal.entries.items())
    return {name: asked for name, asked in names if name != asked}
