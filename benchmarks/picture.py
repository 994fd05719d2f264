"""The ratios as a picture: a dot for each median, a bar for the middle half of the rounds."""

from __future__ import annotations

import math
import textwrap
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.timing import Result

_STEP = 22
_LEFT = 330
_WIDTH = 430
_RIGHT = 90
_TOP = 46
_TICKS = (0.1, 0.2, 0.5, 1.0, 2.0)

_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.small { font-size: 11px; fill: #57606a }
.grid { stroke: #d0d7de } .one { stroke: #57606a; stroke-width: 1.5 }
.spread { stroke: #54aeff; stroke-width: 7; stroke-linecap: round; opacity: .55 }
.median { fill: #0969da } .slower { fill: #bc4c00 }
.goal { stroke: #1a7f37; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .small { fill: #9198a1 }
  .grid { stroke: #30363d } .one { stroke: #9198a1 }
  .spread { stroke: #1f6feb } .median { fill: #79c0ff } .slower { fill: #ffa657 }
  .goal { stroke: #3fb950 }
}
"""


def draw(results: dict[str, list[Result]]) -> str:
    """Return the ratios as SVG, by subject, on a logarithmic scale."""
    groups = {
        subject: [result for result in found if result.unit == "x"]
        for subject, found in results.items()
    }
    groups = {subject: found for subject, found in groups.items() if found}
    rows = sum(len(found) + 1.4 for found in groups.values())
    bottom = _TOP + rows * _STEP
    width = _LEFT + _WIDTH + _RIGHT
    size = f'width="{width}" height="{bottom + 30:.0f}"'
    box = f'viewBox="0 0 {width} {bottom + 30:.0f}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} role="img">',
        "<title>What takes how much of plain TensorFlow's time</title>",
        f"<style>{_STYLE}</style>",
        _text(_LEFT + _WIDTH / 2, 16, "of the time that it is compared with", "middle"),
    ]
    for tick in _TICKS:
        x = _x(tick)
        kind = "one" if tick == 1 else "grid"
        parts.append(f'<path class="{kind}" d="M{x:.1f} {_TOP - 10}V{bottom:.1f}"/>')
        parts.append(_text(x, _TOP - 16, f"{tick:g}", "middle", small=True))
    y = float(_TOP)
    for subject, found in groups.items():
        y += 0.9 * _STEP
        parts.append(_text(8, y, subject, small=True))
        for result in found:
            y += _STEP
            parts.extend(_row(result, y))
        y += 0.5 * _STEP
    parts.append(
        _text(_LEFT, bottom + 18, "dot: median; bar: half of the rounds; tick: goal", small=True)
    )
    return "\n".join([*parts, "</svg>", ""])


def _row(result: Result, y: float) -> list[str]:
    low, high = (_x(value) for value in result.spread)
    middle = y - 4
    slower = " slower" if result.median > max(1.0, result.goal or 0) else ""
    label = textwrap.shorten(result.name, 46, placeholder=" …")
    parts = [
        f"<g><title>{escape(result.against)}</title>",
        _text(_LEFT - 16, y, label, "end"),
        f'<path class="spread" d="M{low:.1f} {middle}H{max(high, low + 0.1):.1f}"/>',
        f'<circle class="median{slower}" cx="{_x(result.median):.1f}" cy="{middle}" r="4.5"/>',
    ]
    if result.goal is not None:
        parts.append(f'<path class="goal" d="M{_x(result.goal):.1f} {middle - 8}v16"/>')
    parts.append(_text(_LEFT + _WIDTH + 14, y, f"{result.median:.2f}"))
    parts.append("</g>")
    return parts


def _x(value: float) -> float:
    low, high = math.log(_TICKS[0]), math.log(_TICKS[-1] * 1.1)
    share = (math.log(max(value, 1e-6)) - low) / (high - low)
    return _LEFT + _WIDTH * min(max(share, 0.0), 1.0)


def _text(x: float, y: float, text: str, anchor: str = "start", *, small: bool = False) -> str:
    kind = ' class="small"' if small else ""
    return f'<text{kind} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
