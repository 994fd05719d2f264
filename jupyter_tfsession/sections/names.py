"""The notebook's names, as far as they are bound to what belongs to graphs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_tfsession.sections.things import graph_thing

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from jupyter_tfsession.sections.section import Section

# What IPython remembers of inputs and outputs.
_IPYTHONS = re.compile(r"_+|_i+|_i?\d+|_[iod]h|In|Out")


@dataclass
class Bindings:
    """What names were bound to when a section was left.

    Attributes
    ----------
    own
        What belongs to the section, or to a graph that the notebook made itself.
    others
        Names that were bound to something of another section: they are bound to what they are
        there, so that no section keeps another one's graph alive.
    plain
        What is bound to something plain here, but to something of a graph in another section.
    withheld
        Names that stayed bound to something plain when the section was entered: that, and what they
        would have been bound to.
    """

    own: dict[str, Any] = field(default_factory=dict)
    others: dict[str, Section] = field(default_factory=dict)
    plain: dict[str, Any] = field(default_factory=dict)
    withheld: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    def items(self) -> Iterator[tuple[str, Any]]:
        """Yield every name with what it is to be bound to."""
        yield from self.own.items()
        for name, section in self.others.items():
            if name in section.bindings.own:
                yield name, section.bindings.own[name]


def bound_now(
    names: Mapping[str, Any],
    section: Section,
    owner: Callable[[str, Any, Any | None], Section | None],
    elsewhere: AbstractSet[str],
) -> tuple[Bindings, set[str]]:
    """Return what names are bound to when a section is left.

    Parameters
    ----------
    names
        The notebook's.
    section
        The section.
    owner
        Gives the section to which a name, its value and the value's graph belong, None if that was
        let go of.
    elsewhere
        Names that are bound to something of a graph in other sections.

    Returns
    -------
    tuple
        What is to be kept; and all the names that are bound to what belongs to a graph.
    """
    now = Bindings()
    found = set()
    for name, (plain, value) in section.bindings.withheld.items():
        if names.get(name, value) is plain:
            now.own[name] = value
    for name, value in list(names.items()):
        is_one, graph = graph_thing(value)
        if is_one and not _IPYTHONS.fullmatch(name):
            found.add(name)
            belongs_to = owner(name, value, graph)
            if belongs_to is section:
                now.own[name] = value
            elif belongs_to is not None:
                now.others[name] = belongs_to
    now.plain = {name: names[name] for name in (elsewhere & names.keys()) - found}
    return now, found


def to_bind(names: Mapping[str, Any], bindings: Bindings, found: Container[str]) -> dict[str, Any]:
    """Return the names that are to be bound to something else, and to what.

    What is bound to something plain by now stays that.

    Parameters
    ----------
    names
        The notebook's.
    bindings
        What they were bound to.
    found
        Those that are bound to what belongs to a graph.
    """
    changes, withheld = {}, {}
    for name, value in bindings.items():
        if name in found or name not in names:
            changes[name] = value
        else:
            withheld[name] = names[name], value
    bindings.withheld = withheld
    changes.update((name, value) for name, value in bindings.plain.items() if name in found)
    return {name: value for name, value in changes.items() if names.get(name) is not value}
