"""What a run is known to do and to need, worked out once per set of fetches and feeds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jupyter_tfsession.sessions.analysis import Analysis, Effects
from jupyter_tfsession.sessions.fetches import key_of, keys_of, leaves_in, leaves_of
from jupyter_tfsession.variables.catalogue import Catalogue, VariableRecord, signature

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jupyter_tfsession.sessions.ledger import Stamp
    from jupyter_tfsession.sessions.shortcuts import Way


@dataclass(eq=False)
class RunPlan(Effects):
    """What one set of fetches with one set of feeds does, and the shortest way to run it.

    Attributes
    ----------
    leaves
        The fetches and feeds themselves. Holding them keeps their ids, which are the cache's keys,
        from being given to other objects.
    way
        How it is run; None until it is run for the second time.
    last_run, settled
        When it last ran, and up to which run the ledger knows; None until then.
    cached
        Whether the ledger will look at it again by itself.
    revives
        Names of the retired variables that the run uses, whose values wait on the host.
    """

    leaves: tuple[object, ...] = ()
    way: Way | None = None
    last_run: Stamp | None = None
    settled: Stamp | None = None
    cached: bool = False
    revives: frozenset[str] = frozenset()

    @cached_property
    def initializes(self) -> bool:
        """Whether the run initializes anything that the guard looks after."""
        return bool(self.initializers or self.buried)

    @cached_property
    def asked(self) -> dict[str, VariableRecord]:
        """By name, the variables that its fetches initialize."""
        return {r.name: r for fetch in self.initializers.values() for r in fetch.variables}

    @cached_property
    def guarded(self) -> dict[str, VariableRecord]:
        """By name, all the variables that it initializes and the guard looks after."""
        return self.asked | {record.name: record for record in self.buried}

    @cached_property
    def supervised(self) -> bool:
        """Whether there is something to be done before the run."""
        return self.initializes or bool(self.revives)


class PlanCache:
    """The plans of one session's recent runs, least recently run dropped first.

    Keys are made of ids of graph elements, so a hit costs no look at the graph. Nothing is noted at
    a hit: when a plan last ran, it knows itself.
    """

    SIZE = 512
    DROPPED = SIZE // 8
    """How many go at once, so that they are seldom looked through."""

    def __init__(self, graph: Any) -> None:
        self._graph = graph
        self._plans: dict[object, RunPlan] = {}
        self._catalogue: Catalogue | None = None

    def __iter__(self) -> Iterator[RunPlan]:
        """Yield the plans."""
        return iter(list(self._plans.values()))

    @property
    def catalogue(self) -> Catalogue:
        """The graph's variables as they are now."""
        if self._catalogue is None or self._catalogue.signature != signature(self._graph):
            self._catalogue = Catalogue(self._graph)
        return self._catalogue

    def find(self, fetches: object, feeds: Iterable[object] | None) -> RunPlan | None:
        """Return the plan made earlier for these very fetches and feeds, if there is one."""
        # Many runs have a single fetch; it is its own key, since nothing else alive has its id.
        plan = None if feeds else self._plans.get(id(fetches))
        return plan if plan is not None else self._plans.get(keys_of(fetches, feeds))

    def make(
        self, fetches: object, feeds: Iterable[object] | None
    ) -> tuple[RunPlan, list[RunPlan]]:
        """Work a plan out and keep it.

        Returns
        -------
        tuple
            The plan, and the ones that had to go for it.

        Raises
        ------
        ForeignGraph
            All of it belongs to one other graph.
        NoElement
            Some of it belongs to no graph, or to several.
        """
        leaves = list(leaves_of(fetches))
        fed = list(leaves_of(list(feeds or ())))
        keys = keys_of(fetches, feeds)
        effects = Analysis(self._graph, self.catalogue).effects(leaves, fed)
        plan = RunPlan(**vars(effects), leaves=(*leaves, *fed))
        if leaves_in(keys) != [key_of(leaf) for leaf in plan.leaves]:
            return plan, []  # a proxy of a list: its contents may change under the same id
        single = not fed and len(keys) == 1 and not isinstance(fetches, str)
        dropped = self._make_room()
        self._plans[id(fetches) if single else keys] = plan
        plan.cached = True
        return plan, dropped

    def _make_room(self) -> list[RunPlan]:
        if len(self._plans) < self.SIZE:
            return []
        every = list(self._plans.items())  # a copy: other threads make plans as well
        oldest = sorted(every, key=lambda item: _last_run(item[1]))
        dropped = []
        for key, plan in oldest[: self.DROPPED]:
            self._plans.pop(key, None)
            plan.cached = False
            dropped.append(plan)
        return dropped

    def reads_of(self, record: VariableRecord) -> frozenset[str]:
        """Return the names of the variables that a variable's initial value depends on."""
        return Analysis(self._graph, self.catalogue).reads_of(record)

    def clear(self) -> None:
        """Forget everything."""
        for plan in self:
            plan.cached = False
        self._plans.clear()


def _last_run(plan: RunPlan) -> int:
    return plan.last_run[1] if plan.last_run else 0
