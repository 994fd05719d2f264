"""The subjects, in the order in which they are measured."""

from __future__ import annotations

from importlib.util import find_spec

SUBJECTS = tuple(
    name
    for name in (
        "runs",
        "training",
        "initializers",
        "listing",
        "loading",
        "rebuilding",
        "entering",
        "live",
        "keeping",
        "overview",
        "scrolling",
        "sizes",
    )
    if find_spec(f"benchmarks.{name}")
)
