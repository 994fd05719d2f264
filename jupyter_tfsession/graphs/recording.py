"""One execution of a cell, as far as it builds one graph.

When it begins, the graph's naming state is rewound to where the cell first found it, so that the
same code asks for the same names. An operation that is made of the same parts under the same name
is the one that was made before; any other is created anew. TensorFlow's C graph knows each name
once, so that a rewound name is only ever used to find, never to create.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from jupyter_tfsession import tf_graph_internals as internals
from jupyter_tfsession.graphs.journal import Entry, Journal


class Sought(NamedTuple):
    """The outcome of looking for an operation.

    Attributes
    ----------
    name, signature
        What was asked for, as in `Journal`.
    found
        The operation; None where it has to be created.
    arguments
        What to create it with.
    """

    name: str
    signature: bytes | None
    found: Any | None
    arguments: dict[str, Any]


class Recording:
    """The building of one graph by one execution; on the thread of that execution.

    Parameters
    ----------
    graph
        The graph.
    journal
        What earlier executions of the cell added; None at the first one.

    Attributes
    ----------
    redefined
        Names of the variables whose initial values are new.
    added, added_when_run
        How many operations were created, in all and up to the last run.
    grown_at
        By line of the notebook, how many runs came with new operations.
    """

    def __init__(self, graph: Any, journal: Journal | None) -> None:
        self.graph = graph
        self.before = journal
        self.full = internals.naming_state(graph)
        self.now = Journal(journal.start if journal else internals.naming_state(graph))
        self.added = self.added_when_run = 0
        self.grown_at: dict[tuple[str, int], int] = {}
        self.redefined: set[str] = set()
        self._unfinished: list[tuple[Any, Any]] = []
        earlier = journal.variables.values() if journal else ()
        self._finished = {id(variable) for variable in earlier}
        self._forgotten: list[dict[str, Any]] = []
        if journal is not None:
            internals.set_naming_state(graph, journal.start)
            self._forget_stored(journal)
        self._known = [set(table) for table in internals.variable_tables(graph)]

    def _forget_stored(self, journal: Journal) -> None:
        """Let ``tf.get_variable`` make the cell's own variables once more."""
        for table, names in zip(
            internals.variable_tables(self.graph), journal.stored, strict=False
        ):
            self._forgotten.append({name: table.pop(name) for name in names if name in table})

    def look_up(self, arguments: dict[str, Any]) -> Sought:
        """Look for the operation that the code asks for.

        Parameters
        ----------
        arguments
            Those of TensorFlow's ``Graph._create_op_internal``, by name.
        """
        graph, inputs = self.graph, arguments["inputs"]
        name = arguments["name"] or arguments["op_type"]
        name = name[:-1] if name.endswith("/") else graph.unique_name(name)
        waits_for = internals.control_inputs(graph, inputs)
        signature = internals.signature(
            graph,
            arguments["op_type"],
            inputs,
            waits_for,
            arguments["attrs"],
            arguments["compute_device"],
        )
        found = self.before.find(name, signature) if self.before else None
        if found is not None and internals.device_functions_agree(graph, found):
            internals.replay(graph, found, inputs, waits_for)
            self.now.entries[name] = Entry(found, signature)
            return Sought(name, signature, found, arguments)
        return Sought(name, signature, None, _renamed(arguments, name, self._fresh(name)))

    def apart(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return what to create an operation of another thread's with.

        It is none of the cell's own, but the names of its graph are rewound all the same.
        """
        if self.before is None:
            return arguments
        name = arguments["name"] or arguments["op_type"]
        name = name[:-1] if name.endswith("/") else self.graph.unique_name(name)
        return _renamed(arguments, name, self._fresh(name))

    def note(self, sought: Sought, operation: Any) -> None:
        """Note the operation that was created because none was found."""
        self.now.entries[sought.name] = Entry(operation, sought.signature)
        self.added += 1

    def _fresh(self, name: str) -> str:
        """Return a name like `name` that no operation of the graph has."""
        key, number = name.lower(), self.full.names.get(name.lower(), 0)
        fresh = name
        while fresh.lower() in self.full.names and self.before is not None:
            fresh = f"{name}_{number}"
            number += 1
        self.full.names[key] = max(number, 1)
        self.full.names[fresh.lower()] = max(self.full.names.get(fresh.lower(), 0), 1)
        return fresh

    # Variables and collections.

    def variable(self, variable: Any) -> Any:
        """Return the variable object for one just made: the earlier one if it is the same."""
        name = variable.op.name
        earlier = self.before.variables.get(name) if self.before else None
        kept = variable
        if earlier is not None and earlier.op is variable.op:
            if earlier.initializer is variable.initializer:
                kept = earlier
            else:
                self.redefined.add(name)
        self.now.variables[name] = kept
        self._finished.add(id(kept))
        for key in [key for key, value in self._unfinished if value is variable]:
            _remove(internals.collections(self.graph)[key], variable)
            self._settle(key, earlier, kept)
        self._unfinished = [pair for pair in self._unfinished if pair[1] is not variable]
        return kept

    def collect(self, key: Any, value: Any) -> None:
        """Add to a collection, once: what the cell added before stays where it is."""
        if internals.is_variable(value) and id(value) not in self._finished:
            # Variables add themselves before they have so much as a name.
            self._unfinished.append((key, value))
            internals.collections(self.graph).setdefault(key, []).append(value)
            return
        earlier = self.before.collected.get(key, []) if self.before else []
        old = next((item for item in earlier if _same(item, value)), None)
        self._settle(key, old, value)

    def _settle(self, key: Any, old: Any | None, new: Any) -> None:
        """Put `new` where `old` is in a collection, or at its end."""
        present = internals.collections(self.graph).setdefault(key, [])
        at = next((n for n, item in enumerate(present) if item is old), None)
        if old is None or at is None:
            present.append(new)
        else:
            present[at] = new
        self.now.collected.setdefault(key, []).append(new)

    # The end.

    def abandon(self) -> None:
        """Bring the graph forward so that it can go on as in plain TensorFlow."""
        current = internals.naming_state(self.graph)
        internals.set_naming_state(self.graph, internals.merged(self.full, current))
        for table, forgotten in zip(
            internals.variable_tables(self.graph), self._forgotten, strict=False
        ):
            for name in forgotten.keys() - table.keys():
                table[name] = forgotten[name]

    def finish(self, *, replaces: bool) -> tuple[Journal, list[Any]]:
        """Bring the graph's naming state forward again, and keep the journal.

        Parameters
        ----------
        replaces
            What this execution did not make again is no longer the cell's: the cell was edited,
            and ran to its end.

        Returns
        -------
        tuple
            The cell's journal from now on, and the operations that are retired.
        """
        current = internals.naming_state(self.graph)
        internals.set_naming_state(self.graph, internals.merged(self.full, current))
        tables = internals.variable_tables(self.graph)
        known = self._known or [set() for _ in tables]
        self.now.stored = [set(t) - before for t, before in zip(tables, known, strict=True)]
        if self.before is None:
            return self.now, []
        made = {id(entry.operation) for entry in self.now.entries.values()}
        everything = replaces and bool(self.now.entries)
        retired = [
            entry.operation
            for name, entry in self.before.entries.items()
            if id(entry.operation) not in made and (everything or name in self.now.entries)
        ]
        self._retire(retired)
        if not everything:
            self._keep(self.before)
        return self.now, retired

    def _keep(self, before: Journal) -> None:
        """Keep what the cell made before and did not come to this time."""
        now = self.now
        for table, names, forgotten in zip(
            internals.variable_tables(self.graph), now.stored, self._forgotten, strict=False
        ):
            for name in forgotten.keys() - table.keys():
                table[name] = forgotten[name]
                names.add(name)
        now.entries = {**before.entries, **now.entries}
        now.variables = {**before.variables, **now.variables}
        for key, items in before.collected.items():
            mine = now.collected.setdefault(key, [])
            present = internals.collections(self.graph).get(key, [])
            there = [item for item in items if any(item is other for other in present)]
            mine.extend(item for item in there if not any(item is own for own in mine))

    def _retire(self, operations: list[Any]) -> None:
        """Take operations, and the variables and tensors that they are, out of the collections."""
        gone = {id(operation) for operation in operations}
        if not gone:
            return
        for key, present in internals.collections(self.graph).items():
            if not internals.is_private_key(key):
                present[:] = [i for i in present if id(_operation_of(i)) not in gone]


def _operation_of(item: Any) -> Any:
    """Return the operation that a member of a collection is or belongs to, if any."""
    try:
        return getattr(item, "op", item)
    except (AttributeError, NotImplementedError):  # such as of an EagerTensor
        return None


def _renamed(arguments: dict[str, Any], name: str, fresh: str) -> dict[str, Any]:
    """Ask for an operation under another name, and for a resource of its own with it."""
    changed = {**arguments, "name": f"{fresh}/"}
    attrs = arguments["attrs"] or {}
    shared = attrs.get("shared_name")
    if fresh != name and shared is not None and shared.s.decode() == name:
        own = type(shared)(s=fresh.encode())
        changed["attrs"] = {**attrs, "shared_name": own}
    return changed


def _same(old: Any, new: Any) -> bool:
    """Whether two members of collections stand for the same thing in the graph."""
    if old is new:
        return True
    if type(old) is not type(new):
        return False
    names = [getattr(item, "name", None) for item in (old, new)]
    return names[0] is not None and names[0] == names[1]


def _remove(items: list[Any], item: Any) -> None:
    del items[next(at for at, other in enumerate(items) if other is item)]
