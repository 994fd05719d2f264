"""What becomes of what a cell made before, when it has run again.

What was made again is the cell's. Of the rest, what gave its name to something else is retired, and
so is what is built on something retired. Where the cell was changed and ran to its end, all of the
rest is retired, except for what the new parts are built on: the cell uses it without making it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_tfsession import tf_graph_internals as internals
from jupyter_tfsession.graphs.collecting import operation_of

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterator

    from jupyter_tfsession.graphs.journal import Journal
    from jupyter_tfsession.graphs.recording import Recording


def end(
    recording: Recording, code: bytes | None, retired: Collection[str]
) -> tuple[Journal, list[Any]]:
    """Bring the graph's naming state forward again, and keep the journal.

    Parameters
    ----------
    recording
        The recording of an execution that has ended.
    code
        What the cell ran, see `code.digest`; None if it failed.
    retired
        Names of the operations of the graph that are retired already.

    Returns
    -------
    tuple
        The cell's journal from now on, and the operations that are retired with this execution.
    """
    recording.bring_forward(failed=code is None)
    now, before = recording.now, recording.before
    if before is None:
        now.code = code
        return now, []
    changed = code is not None and code != before.code and bool(now.entries)
    made = {id(entry.operation) for entry in now.entries.values()}
    rest = {n: e.operation for n, e in before.entries.items() if id(e.operation) not in made}
    if changed:
        kept = _used(recording, rest)
    else:
        replaced = rest.keys() & now.entries.keys()
        kept = rest.keys() - replaced - _built_on(rest, replaced, retired, before.variables)
    gone = [name for name in rest if name not in kept]
    now.replaced = before.without(gone, made)
    now.variables = {**before.variables, **now.variables}
    recording.collecting.retire(rest[name] for name in gone)
    kept_ids, gone_ids = ({id(rest[name]) for name in names} for names in (kept, gone))

    def stays(operation: Any) -> bool:
        return id(operation) in kept_ids or not (changed or id(operation) in gone_ids)

    recording.collecting.finish(lambda item: stays(operation_of(item)))
    recording.stored.restore(lambda variable: any(map(stays, parts_in(variable))))
    now.keep(before, kept, code, changed=changed)
    return now, [rest[name] for name in gone]


def _used(recording: Recording, rest: dict[str, Any]) -> set[str]:
    """Return the names of those of the rest on which what was made this time is built."""
    names = {id(operation): name for name, operation in rest.items()}
    used: set[str] = set()
    waiting: list[Any] = []
    if names:
        waiting.extend(entry.operation for entry in recording.now.entries.values())
        waiting.extend(part for variable in recording.stored.reused for part in parts_in(variable))
        used.update(names.pop(id(part)) for part in waiting if id(part) in names)
    while waiting and names:
        operation = waiting.pop()
        parts = internals.built_on(operation)
        variable = recording.before.variables.get(operation.name) if recording.before else None
        if variable is not None and operation.name in rest:
            parts.extend(internals.parts_of(variable))
        for part in parts:
            name = names.pop(id(part), None)
            if name is not None:
                used.add(name)
                waiting.append(part)
    return used


def _built_on(
    rest: dict[str, Any],
    replaced: Collection[str],
    retired: Collection[str],
    variables: Container[str],
) -> set[str]:
    """Return the names of those of the rest that use or belong to something retired.

    An optimizer's variable belongs to the one after which it is named, and may well say so nowhere
    else: what has its place beside a colocated variable has its place beside the other.
    """
    gone = {*retired, *(rest[name].name for name in replaced)}
    found: set[str] = set()
    for name, operation in rest.items() if gone else ():  # in the order of their creation
        owners = _prefixes(operation.name) if operation.name in variables else ()
        if not gone.isdisjoint((*internals.belongs_to(operation), *owners)):
            gone.add(operation.name)
            found.add(name)
    return found


def _prefixes(name: str) -> Iterator[str]:
    """Yield the scopes that a name is in, innermost first."""
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name


def parts_in(variable: Any) -> list[Any]:
    """Return the operations that a variable, whole or partitioned, is."""
    return [part.op for part in (variable if hasattr(variable, "_variable_list") else [variable])]
