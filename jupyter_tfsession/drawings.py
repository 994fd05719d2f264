"""Small SVG drawings of numbers: heat maps, lines and bars.

What is not finite has colours of its own. Nothing but numbers gets into a drawing, so that nothing
has to be escaped.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

NAN: Final = "#d0021b"
INF: Final = "#f5a623"

_LEVELS: Final = 8  # shades on either side of 0
_COLD: Final = (33, 102, 172)
_WARM: Final = (178, 24, 43)
_LINE: Final = "var(--jp-brand-color1, #1976d2)"
_AXIS: Final = "var(--jp-border-color1, #bdbdbd)"
_WIDTH: Final = 320
_HEIGHT: Final = 64


def heat_map(rows: Sequence[Sequence[float]], limit: float) -> str:
    """Draw a matrix; 0 is white, and the scale goes from ``-limit`` to ``limit``."""
    height, width = len(rows), max(map(len, rows), default=0)
    paths: dict[str, list[str]] = {}
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            paths.setdefault(colour(value, limit), []).append(f"M{x} {y}h1v1h-1z")
    scale = max(1, min(12, _WIDTH // max(width, 1), 4 * _HEIGHT // max(height, 1)))
    body = "".join(f'<path fill="{fill}" d="{"".join(d)}"/>' for fill, d in paths.items())
    return _svg((width, height), body, scale)


def colour(value: float, limit: float) -> str:
    """Return the colour of a number on a scale that is symmetric about 0."""
    if math.isnan(value):
        return NAN
    if math.isinf(value):
        return INF
    level = round(min(abs(value) / limit, 1.0) * _LEVELS) if limit > 0 else 0
    end = _WARM if value > 0 else _COLD
    shade = (round(255 - (255 - part) * level / _LEVELS) for part in end)
    return "#{:02x}{:02x}{:02x}".format(*shade)


def line(values: Sequence[float]) -> str:
    """Draw numbers as a line with the 0 where it is in sight; what is not finite as marks."""
    finite = [value for value in values if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    # Halved, since the whole span may be more than a float can hold.
    span = high / 2 - low / 2 or 1.0
    step = _WIDTH / max(len(values) - 1, 1)
    body, points = "", []
    if low < 0 < high:
        body += _axis(_height_of(0.0, low, span))
    for number, value in enumerate(values):
        x = f"{number * step:.1f}"
        if math.isfinite(value):
            points.append(f"{x},{_height_of(value, low, span):.1f}")
            continue
        body += _stroke(points)
        points = []
        fill = NAN if math.isnan(value) else INF
        y = _HEIGHT - 3 if value == -math.inf else 3
        body += f'<circle cx="{x}" cy="{y}" r="2.5" fill="{fill}"/>'
    return _svg((_WIDTH, _HEIGHT), body + _stroke(points))


def bars(counts: Sequence[int]) -> str:
    """Draw counts as bars."""
    most = max(counts, default=0) or 1
    width = _WIDTH / max(len(counts), 1)
    body = _axis(_HEIGHT - 0.5)
    for number, count in enumerate(counts):
        height = (_HEIGHT - 1) * count / most
        body += (
            f'<rect x="{number * width:.1f}" y="{_HEIGHT - height:.1f}" '
            f'width="{max(width - 1, 0.5):.1f}" height="{height:.1f}" fill="{_LINE}"/>'
        )
    return _svg((_WIDTH, _HEIGHT), body)


def _height_of(value: float, low: float, span: float) -> float:
    return (_HEIGHT - 6) * (1 - (value / 2 - low / 2) / span) + 3


def _stroke(points: Sequence[str]) -> str:
    if len(points) == 1:
        x, y = points[0].split(",")
        return f'<circle cx="{x}" cy="{y}" r="1.5" fill="{_LINE}"/>'
    joined = " ".join(points)
    return f'<polyline fill="none" stroke="{_LINE}" points="{joined}"/>' if points else ""


def _axis(y: float) -> str:
    return f'<line x1="0" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_AXIS}"/>'


def _svg(size: tuple[int, int], body: str, scale: int = 1) -> str:
    width, height = size
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'width="{width * scale}" height="{height * scale}">{body}</svg>'
    )
