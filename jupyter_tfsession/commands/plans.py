"""What the commands say of a plan for restoring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_tfsession.displays import Table

if TYPE_CHECKING:
    from jupyter_tfsession.snapshots.planning import Plan

_SHOWN = 3


def table_of(plan: Plan, source: str, graph: str) -> Table:
    """Return all of a plan."""
    rows = [
        (name, plan.renamed.get(name, name), "renamed" if name in plan.renamed else "matches")
        for name in plan.fitting
    ]
    rows += [(name, "", f"does not fit: {why}") for name, why in plan.mismatched.items()]
    rows += [(name, "", f"has no place{_like(plan, name)}") for name in plan.missing]
    rows += [("", name, "keeps what it holds") for name in plan.untouched]
    return Table(
        title=f"what restoring {source} into {graph} would do; nothing was done",
        columns=("in the snapshot", "in the graph", "what"),
        rows=rows,
        footnote=_counts(plan),
        empty="nothing",
    )


def refusal(plan: Plan, source: str, graph: str) -> str:
    """Say why nothing is restored, and what is possible."""
    if not plan.fitting and not plan.mismatched and not plan.similar:
        return (
            f"nothing of {source} has a place in {graph}: run the cells that build the graph "
            "first; --dry-run shows the names on both sides"
        )
    faults = [f"{name}: {why}" for name, why in plan.mismatched.items()]
    faults += [f"no place for {name}{_like(plan, name)}" for name in plan.missing]
    shown = "; ".join(faults[:_SHOWN])
    more = f"; {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    ways = ["--dry-run shows all"]
    if plan.similar:
        ways.append("--rename OLD=NEW gives a place")
    if plan.fitting:
        ways.append(f"--partial restores the {len(plan.fitting)} that fit")
    return f"{source} does not fit {graph}, and nothing was restored: {shown}{more}. " + ", ".join(
        ways
    )


def summary(plan: Plan) -> str:
    """Say what was not restored one to one; empty if there was nothing of that."""
    parts = [f"{old} as {new}" for old, new in list(plan.renamed.items())[:_SHOWN]]
    if len(plan.renamed) > _SHOWN:
        parts.append(f"{len(plan.renamed) - _SHOWN} more under other names")
    left = len(plan.missing) + len(plan.mismatched)
    if left:
        parts.append(f"{left} of the snapshot left out")
    if plan.untouched:
        parts.append(f"{len(plan.untouched)} of the graph not in it")
    return f" ({', '.join(parts)})" if parts else ""


def _counts(plan: Plan) -> str:
    counts = (
        (len(plan.fitting) - len(plan.renamed), "match"),
        (len(plan.renamed), "renamed"),
        (len(plan.mismatched), "do not fit"),
        (len(plan.missing), "have no place"),
        (len(plan.untouched), "of the graph keep what they hold"),
    )
    return ", ".join(f"{count} {what}" for count, what in counts if count)


def _like(plan: Plan, name: str) -> str:
    return f" ({plan.similar[name]} may be meant)" if name in plan.similar else ""
