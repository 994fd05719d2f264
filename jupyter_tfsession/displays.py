"""Results that read well as plain text and as HTML, whatever strings end up in them.

Strings come from graphs, checkpoints and tensors, so none of them is trusted: HTML is escaped,
and characters that would move the cursor or reorder a line are shown as escapes.
"""

from __future__ import annotations

import html
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

_CELL_LIMIT: Final = 60
_TITLE_LIMIT: Final = 400
_GAP: Final = "  "
_STEP: Final = 1024

# Fallbacks for front ends that do not define JupyterLab's variables.
_FONT: Final = (
    "color: var(--jp-content-font-color1, inherit); "
    "font-family: var(--jp-code-font-family, monospace); "
    "font-size: var(--jp-code-font-size, 13px);"
)
_CELL: Final = "padding: 2px 8px; white-space: pre; text-align: "
_HEAD: Final = (
    "border-bottom: var(--jp-border-width, 1px) solid var(--jp-border-color1, #bdbdbd); "
    f"font-weight: 600; {_CELL}"
)
_QUIET: Final = "color: var(--jp-content-font-color2, #757575);"


class _Printer(Protocol):
    """What is needed of IPython's pretty printer, which has no types."""

    def text(self, obj: str, /) -> object: ...


def elide(text: str, limit: int) -> str:
    """Shorten `text` to at most `limit` characters by an ellipsis in its middle."""
    if len(text) <= limit:
        return text
    kept = max(limit - 1, 0)
    head = (kept + 1) // 2
    tail = kept - head
    return f"{text[:head]}…{text[len(text) - tail :]}" if limit > 0 else ""


def human_bytes(n: int | None) -> str:
    """Return a number of bytes in binary units, such as ``1.5 KiB``; ``?`` when unknown."""
    if n is None:
        return "?"
    if abs(n) < _STEP:
        return f"{n} B"
    size = float(n)
    unit = "B"
    for unit in ("KiB", "MiB", "GiB", "TiB", "PiB"):  # noqa: B007 - the last one is used
        size /= _STEP
        # The rounded size, or 1048575 would read 1024.0 KiB.
        if round(abs(size), 1) < _STEP:
            break
    return f"{size:.1f} {unit}"


def counted(number: int, noun: str) -> str:
    """Return so many of something in words, such as ``1 variable`` or ``2 variables``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def visible(text: str) -> str:
    """Return `text` with control, formatting and surrogate characters shown as escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible_character(character) for character in text)


def _visible_character(character: str) -> str:
    # Cf holds the bidirectional overrides, with which a name can pass for another.
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return character.encode("unicode_escape").decode("ascii")
    return character


def _shown(text: str, limit: int) -> str:
    # Shortened first, so that a huge string costs nothing, and again since escapes are longer.
    return elide(visible(elide(text, limit)), limit)


def _width(text: str) -> int:
    """Return the number of terminal columns that `text` takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1
        for one in text
    )


@dataclass(frozen=True)
class Line:
    """A result of one line, such as what a command did."""

    text: str

    def __str__(self) -> str:
        return visible(self.text)

    def _repr_pretty_(self, p: _Printer, cycle: bool) -> None:  # noqa: ARG002
        p.text(str(self))

    def _repr_html_(self) -> str:
        return f'<div class="jp-tfsession-line" style="{_FONT}">{html.escape(str(self))}</div>'


@dataclass(frozen=True)
class Text:
    """A result of several lines, such as the help of a command."""

    text: str

    def __str__(self) -> str:
        return "\n".join(visible(line) for line in self.text.splitlines())

    def _repr_pretty_(self, p: _Printer, cycle: bool) -> None:  # noqa: ARG002
        p.text(str(self))

    def _repr_html_(self) -> str:
        return f'<pre class="jp-tfsession-text" style="{_FONT}">{html.escape(str(self))}</pre>'


@dataclass(frozen=True)
class Table:
    """A result of rows under named columns.

    Parameters
    ----------
    title, footnote
        Lines above and below; left out when empty.
    columns
        The headings.
    rows
        As many strings per row as there are columns.
    empty
        What stands in place of headings and rows when there is no row.
    numeric
        The columns that are aligned to the right.
    below
        Another table that belongs to it.

    Raises
    ------
    ValueError
        When a row has more or fewer cells than there are columns.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    footnote: str = ""
    empty: str = ""
    numeric: frozenset[str] = frozenset()
    below: Table | None = None

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                msg = f"a row of {len(row)} cells in a table of {len(self.columns)} columns"
                raise ValueError(msg)

    def __str__(self) -> str:
        lines = [visible(self.title)] if self.title else []
        lines += [visible(self.empty)] if self._is_empty() else self._text_rows()
        lines += [visible(self.footnote)] if self.footnote else []
        lines += ["", str(self.below)] if self.below is not None else []
        return "\n".join(lines)

    def _repr_pretty_(self, p: _Printer, cycle: bool) -> None:  # noqa: ARG002
        p.text(str(self))

    def _repr_html_(self) -> str:
        parts = [f'<div class="jp-tfsession-table" style="{_FONT}">']
        parts += [_html_line(self.title, "font-weight: 600;")] if self.title else []
        parts += [_html_line(self.empty, _QUIET)] if self._is_empty() else self._html_rows()
        parts += [_html_line(self.footnote, _QUIET)] if self.footnote else []
        below = [self.below._repr_html_()] if self.below is not None else []
        return "\n".join([*parts, "</div>", *below])

    def _is_empty(self) -> bool:
        return not self.rows and bool(self.empty)

    def _text_rows(self) -> list[str]:
        head = [_shown(column, _CELL_LIMIT) for column in self.columns]
        body = [[_shown(cell, _CELL_LIMIT) for cell in row] for row in self.rows]
        widths = [max(map(_width, column)) for column in zip(head, *body, strict=True)]
        rule = ["-" * width for width in widths]
        return [self._text_row(row, widths) for row in (head, rule, *body)]

    def _text_row(self, row: Sequence[str], widths: Sequence[int]) -> str:
        cells = []
        for cell, width, column in zip(row, widths, self.columns, strict=True):
            space = " " * (width - _width(cell))
            cells.append(space + cell if column in self.numeric else cell + space)
        return _GAP.join(cells).rstrip()

    def _html_rows(self) -> list[str]:
        head = "".join(
            self._html_cell("th", column, column, ' scope="col"') for column in self.columns
        )
        body = [
            "".join(
                self._html_cell("td", cell, column)
                for cell, column in zip(row, self.columns, strict=True)
            )
            for row in self.rows
        ]
        return [
            '<table style="border-collapse: collapse; margin: 4px 0;">',
            f"<thead><tr>{head}</tr></thead>",
            "<tbody>",
            *(f"<tr>{row}</tr>" for row in body),
            "</tbody></table>",
        ]

    def _html_cell(self, tag: str, cell: str, column: str, attributes: str = "") -> str:
        style = _HEAD if tag == "th" else _CELL
        style += "right;" if column in self.numeric else "left;"
        short, full = _shown(cell, _CELL_LIMIT), _shown(cell, _TITLE_LIMIT)
        if short != full:
            attributes += f' title="{html.escape(full)}"'
        return f'<{tag} style="{style}"{attributes}>{html.escape(short)}</{tag}>'


def _html_line(text: str, style: str) -> str:
    return f'<div style="{style}">{html.escape(visible(text))}</div>'
