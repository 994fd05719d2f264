"""Tables and lines: aligned text, and HTML in which no string can do anything."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.formatters import HTMLFormatter
from IPython.lib.pretty import pretty

from jupyter_tfsession.displays import Line, Table, elide, human_bytes, visible

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</td></table><script>alert(1)</script>",
    "\" onmouseover=alert(1) x='",
    "a\x00b",
    "a\nb\r\tc",
    "\x1b[31mred\x1b[0m",
    "\ud800lone",
    "left\u202eright",
    "x" * 5_000,
    "",
    "日本語",
    "e\u0301",
]
# Any code point, lone surrogates too.
anything = st.text(alphabet=st.characters(exclude_categories=()))


class Page(HTMLParser):
    """What a browser would make of the HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.titles: list[str] = []
        self.styles: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name == "title":
                self.titles.append(value or "")
            if name == "style":
                self.styles.add(value or "")

    def handle_data(self, data: str) -> None:
        if data.strip("\n"):
            self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)


def parse(shown: Table | Line) -> Page:
    source = shown._repr_html_()
    source.encode("utf-8")  # a lone surrogate would break the message to the front end
    page = Page()
    page.feed(source)
    page.close()
    return page


def assert_harmless(page: Page) -> None:
    assert page.tags <= {"div", "table", "thead", "tbody", "tr", "th", "td"}
    assert page.attributes <= {"class", "style", "title", "scope"}
    assert len(page.styles) <= 8  # all of them ours


def test_text_is_aligned() -> None:
    table = Table(
        "Variables",
        ["name", "bytes", "device"],
        [["w", "4.0 KiB", "CPU:0"], ["bias/Adam_1", "12 B", ""]],
        footnote="2 variables",
        numeric=frozenset({"bytes"}),
    )
    assert str(table).splitlines() == [
        "Variables",
        "name           bytes  device",
        "-----------  -------  ------",
        "w            4.0 KiB  CPU:0",
        "bias/Adam_1     12 B",
        "2 variables",
    ]
    assert pretty(table) == str(table)


def test_wide_characters_are_aligned() -> None:
    lines = str(Table("", ["name", "n"], [["日本", "1"], ["abcd", "2"], ["e\u0301", "3"]])).split(
        "\n"
    )
    assert lines[2:] == ["日本  1", "abcd  2", "e\u0301     3"]


def test_no_rows() -> None:
    table = Table("Sessions", ["graph", "runs"], [], empty="no session yet")
    assert str(table) == "Sessions\nno session yet"
    assert parse(table).texts == ["Sessions", "no session yet"]
    assert str(Table("", ["graph", "runs"], [])) == "graph  runs\n-----  ----"
    assert str(Table("", [], [])).strip() == ""


def test_html_keeps_more_of_a_long_cell_than_it_shows() -> None:
    page = parse(Table("", ["name"], [["a" * 300], ["b" * 5_000], ["short"]]))
    assert [len(text) for text in page.texts] == [4, 60, 60, 5]
    assert page.titles[0] == "a" * 300
    assert len(page.titles[1]) == 400
    assert len(page.titles) == 2


def test_html_aligns_numbers_to_the_right() -> None:
    source = Table("", ["name", "n"], [["w", "1"]], numeric=frozenset({"n"}))._repr_html_()
    assert source.count("text-align: right;") == 2
    assert source.count("text-align: left;") == 2
    assert "var(--jp-border-color1, #bdbdbd)" in source


def test_a_ragged_row_is_refused() -> None:
    with pytest.raises(ValueError, match="a row of 1 cells in a table of 2 columns"):
        Table("", ["a", "b"], [["1"]])


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_strings(text: str) -> None:
    table = Table(text, [text, "n"], [[text, text]], footnote=text, empty=text)
    assert_harmless(parse(table))
    assert_harmless(parse(Table(text, ["n"], [], empty=text)))
    assert_harmless(parse(Line(text)))
    assert all(line.isprintable() for line in str(table).split("\n"))
    assert str(table).count("\n") == len([table.title, *"hr", table.footnote]) - 2 * (not text)
    assert all(len(line) <= 2 * 60 + 2 for line in str(table).split("\n")[1:-1])


@given(title=anything, column=anything, cells=st.lists(anything), footnote=anything)
def test_no_string_becomes_an_element(
    title: str, column: str, cells: list[str], footnote: str
) -> None:
    table = Table(title, [column], [[cell] for cell in cells], footnote, empty=title)
    assert_harmless(parse(table))
    assert "\x1b" not in str(table)
    str(table).encode("utf-8")


@given(text=anything)
def test_a_line_shows_the_same_text_twice(text: str) -> None:
    page = parse(Line(text))
    assert_harmless(page)
    assert "".join(page.texts) == str(Line(text)) == pretty(Line(text))
    assert "\n" not in str(Line(text))


def test_ipython_finds_both_displays() -> None:
    assert HTMLFormatter()(Line("a < b")).endswith("a &lt; b</div>")


@given(text=st.text(), limit=st.integers(0, 50))
def test_elide(text: str, limit: int) -> None:
    short = elide(text, limit)
    assert len(short) <= limit
    assert short == text or len(short) == limit
    assert elide("abcdefgh", 5) == "ab…gh"


def test_visible() -> None:
    assert visible("a\nb\x00\ud800\u202eé") == "a\\nb\\x00\\ud800\\u202eé"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (None, "?"),
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (1024**2 - 1, "1.0 MiB"),
        (5 * 1024**3, "5.0 GiB"),
        (2**70, "1048576.0 PiB"),
        (-2048, "-2.0 KiB"),
    ],
)
def test_human_bytes(size: int | None, text: str) -> None:
    assert human_bytes(size) == text
