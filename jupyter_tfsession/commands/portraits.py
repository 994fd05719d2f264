"""One variable in full, for the eye: its facts, its value as a picture, how it went."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_tfsession import drawings
from jupyter_tfsession.displays import Table, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_tfsession.variables.history import Point
    from jupyter_tfsession.variables.pictures import Picture

_BLOCKS = "▁▂▃▄▅▆▇█"
_SHOWN = 60


@dataclass(frozen=True)
class Portrait:
    """One variable in full.

    Parameters
    ----------
    facts
        What is known of it.
    histogram
        Edges and counts; None where nothing can be counted.
    history
        Its latest points, oldest first.
    picture
        The value as a picture, if it can be drawn.
    """

    facts: Table
    histogram: tuple[list[float], list[int]] | None
    history: Sequence[Point]
    picture: Picture | None

    def __str__(self) -> str:
        parts = [str(self.facts)]
        if self.histogram is not None:
            edges, counts = self.histogram
            parts.append(f"histogram  {edges[0]:.4g} {_blocks(counts)} {edges[-1]:.4g}")
        if len(self.history) > 1:
            parts.append(f"history    {_history(self.history)}")
        return "\n".join(parts)

    def _repr_pretty_(self, p: Any, cycle: bool) -> None:  # noqa: ARG002
        p.text(str(self))

    def _repr_html_(self) -> str:
        parts = [self.facts._repr_html_()]
        if self.picture is not None:
            rows = self.picture.values.tolist()
            if self.picture.kind == "heat":
                heat = drawings.heat_map(rows, self.picture.limit)
                parts += [_titled(_scale(self.picture), heat)]
            else:
                parts += [_titled("value", drawings.line(rows[0]))]
        if self.histogram is not None:
            edges, counts = self.histogram
            title = f"histogram from {edges[0]:.4g} to {edges[-1]:.4g}"
            parts += [_titled(title, drawings.bars(counts))]
        if len(self.history) > 1:
            points = [point.value for point in self.history]
            parts += [_titled(f"history: {_history(self.history)}", drawings.line(points))]
        return "\n".join(['<div class="jp-tfsession-portrait">', *parts, "</div>"])


def _scale(picture: Picture) -> str:
    title = f"value, blue -{picture.limit:.4g} to red {picture.limit:.4g}"
    if picture.index:
        title += f", at {list(picture.index)} of the first dimensions"
    parts = [
        f"one {what} of {step}"
        for what, step in zip(("row", "column"), picture.step, strict=True)
        if step > 1
    ]
    if parts:
        title += f", {' and '.join(parts)}"
    return title


def _history(points: Sequence[Point]) -> str:
    first, last = points[0], points[-1]
    return f"{first.value:.4g} at run {first.run} to {last.value:.4g} at run {last.run}"


def _titled(title: str, drawing: str) -> str:
    caption = f"<figcaption>{html.escape(visible(title))}</figcaption>"
    return f'<figure style="margin: 8px 0">{caption}{drawing}</figure>'


def _blocks(counts: Sequence[int]) -> str:
    most = max(counts) or 1
    return "".join(_BLOCKS[min(7, -(-7 * count // most))] for count in counts[:_SHOWN])
