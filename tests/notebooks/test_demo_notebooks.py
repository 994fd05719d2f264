"""The demo notebooks, run as their readers run them: every cell twice in a row, then all again."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from notebook import Notebook
    from outcome import Message, Outcome

DIRECTORY = Path(__file__).resolve().parents[2] / "notebooks"
GRAPH, COUNTER, FETCHES, DIGITS, PARTS = NAMES = (
    "01-a-graph-run-again-and-again",
    "02-a-counter-that-goes-on",
    "03-several-fetches",
    "04-training-digits",
    "05-going-back-to-a-part",
)

# Like a new kernel, save that TensorFlow is imported, which takes seconds.
with_tensorflow = pytest.mark.notebook(mode="tf1", load=False)

KEPT = "kept {} initialized variable{} (last written in [{}]). %tfsession reset starts over"
REUSED = (
    "reused the open session of graph-1, with its values. "
    "%tfsession close --discard gives an empty one"
)
RESET = (
    "reset {} variable{} of graph-1 to the initial values; "
    "%tfsession undo brings the old values back"
)
LOADED_ALREADY = (
    "The jupyter_tfsession extension is already loaded. To reload it, use:\n"
    "  %reload_ext jupyter_tfsession\n"
)
SETUP = ["", LOADED_ALREADY, LOADED_ALREADY, LOADED_ALREADY]


def path_of(name: str) -> Path:
    return DIRECTORY / f"{name}.ipynb"


def code_of(name: str) -> dict[str, str]:
    """Return the sources of a notebook's code cells by id, in their order."""
    cells = nbformat.read(path_of(name), as_version=4).cells
    return {cell.id: cell.source for cell in cells if cell.cell_type == "code"}


class Demo:
    """A demo notebook open in a kernel."""

    def __init__(self, kernel: Notebook, name: str) -> None:
        self.kernel = kernel
        self.cells = code_of(name)

    def run(self, cell: str, source: str | None = None) -> Outcome:
        """Run a cell of the notebook, with another text if its reader edits it first."""
        outcome = self.kernel.run(self.cells[cell] if source is None else source, cell=cell)
        assert outcome.ok, (cell, outcome.error)
        return outcome

    def run_twice_and_again(self) -> dict[str, list[Outcome]]:
        """Run every cell twice in a row, then all again; return the four outcomes of each."""
        outcomes: dict[str, list[Outcome]] = {cell: [] for cell in self.cells}
        for cell in [*self.cells, *self.cells]:
            outcomes[cell] += [self.run(cell), self.run(cell)]
        return outcomes


def printed(outcomes: dict[str, list[Outcome]]) -> dict[str, list[str]]:
    return {cell: [one.stdout for one in four] for cell, four in outcomes.items()}


def shown(outcomes: list[Outcome]) -> list[str]:
    return [outcome.text for outcome in outcomes]


def notices(outcomes: dict[str, list[Outcome]]) -> dict[str, list[list[str]]]:
    """Return the notices of the cells that gave any."""
    every = {cell: [one.notices for one in four] for cell, four in outcomes.items()}
    return {cell: four for cell, four in every.items() if any(four)}


def kept(count: int, *last_written: int) -> list[list[str]]:
    """Return the notices of four runs of a cell that initializes; see `KEPT` for the numbers."""
    many = "s" if count > 1 else ""
    second, third, fourth = (KEPT.format(count, many, number) for number in last_written)
    return [[], [REUSED, second], [third], [fourth]]


def lines(form: str, numbers: Iterable[int]) -> str:
    return "".join(form.format(number) + "\n" for number in numbers)


def counted(form: str, *firsts: int) -> list[str]:
    """Return what runs print that count to three from each of these numbers."""
    return [lines(form, range(first, first + 3)) for first in firsts]


@pytest.mark.parametrize("name", NAMES)
def test_is_stored_as_version_control_likes_it(name: str) -> None:
    text = path_of(name).read_text(encoding="utf-8")
    notebook = json.loads(text)
    nbformat.validate(notebook)
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert [
        cell["id"] for cell in notebook["cells"] if not re.fullmatch("[a-z-]+", cell["id"])
    ] == []
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [(cell["outputs"], cell["execution_count"]) for cell in code] == [([], None)] * len(code)
    assert "".join(code[0]["source"]).startswith("%load_ext jupyter_tfsession\n")
    assert text == json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def test_every_demo_is_tested() -> None:
    assert sorted(path.stem for path in DIRECTORY.glob("*.ipynb")) == sorted(NAMES)


def test_a_graph_gives_the_same_again_and_again(fresh_notebook: Callable[..., Notebook]) -> None:
    outcomes = Demo(fresh_notebook(), GRAPH).run_twice_and_again()
    assert printed(outcomes) == {
        "setup": SETUP,
        "build": [""] * 4,
        "run": ["Result: 5\nResult: 5\nResult: 5\n"] * 4,
        "later": ["Result: 5\n"] * 4,
        "same": ["The same session: True\n"] * 4,
        "status": [""] * 4,
    }
    assert notices(outcomes) == {"run": [[], [REUSED], [], []]}
    sessions = [re.findall(r"^graph-.*$", text, re.MULTILINE) for text in shown(outcomes["status"])]
    assert [[row.split()[-2:] for row in rows] for rows in sessions] == [
        [["8", "[8]"]],
        [["8", "[8]"]],
        [["16", "[20]"]],
        [["16", "[20]"]],
    ]


@with_tensorflow
def test_a_counter_goes_on_until_it_is_reset(nb: Notebook) -> None:
    outcomes = Demo(nb, COUNTER).run_twice_and_again()
    assert printed(outcomes) == {
        "setup": SETUP,
        "build": [""] * 4,
        "count": counted("Counter: {}", 2, 5, 8, 11),
        "reset": [""] * 4,
        "again": counted("Counter: {}", 2, 5, 2, 5),
    }
    assert notices(outcomes) == {"count": kept(1, 5, 10, 15)}
    assert shown(outcomes["reset"]) == [RESET.format(1, "")] * 4


@with_tensorflow
def test_the_counting_cell_starts_over_after_a_reset(nb: Notebook) -> None:
    demo = Demo(nb, COUNTER)
    cells = ["setup", "build", "count", "count", "reset", "count", "count"]
    outcomes = [demo.run(cell).stdout for cell in cells]
    assert [text for text in outcomes if text] == counted("Counter: {}", 2, 5, 2, 5)


@with_tensorflow
def test_of_several_fetches_only_the_variable_changes(nb: Notebook) -> None:
    outcomes = Demo(nb, FETCHES).run_twice_and_again()
    look = "Counter: {}, Output: (b'Hello', b'Hello')\n"
    assert printed(outcomes) == {
        "setup": SETUP,
        "build": [""] * 4,
        "run": counted("Counter: {}, Output: b'Hello'", 1, 4, 7, 10),
        "look": [look.format(last) for last in (6, 6, 12, 12)],
    }
    assert notices(outcomes) == {"run": kept(1, 5, 6, 13)}


LINE = "line [{}, {}, {}]\n"
PARABOLA = "parabola [{}, {}, {}]\n"


@with_tensorflow
def test_each_part_goes_on_until_it_is_begun_anew(nb: Notebook) -> None:
    outcomes = Demo(nb, PARTS).run_twice_and_again()
    assert printed(outcomes) == {
        "setup": SETUP,
        "line": [""] * 4,
        "train-line": ["slope 2.0\n", "slope 3.0\n"] * 2,
        "ask-line": [LINE.format(3.0, 6.0, 9.0)] * 4,
        "parabola": [""] * 4,
        "train-parabola": ["slope 20.0\n", "slope 30.0\n"] * 2,
        "ask-parabola": [PARABOLA.format(30.0, 120.0, 270.0)] * 4,
        "status": [""] * 4,
    }
    assert {*notices(outcomes)} == {"train-line", "train-parabola"}
    states = [re.findall(r"parked|current", text) for text in shown(outcomes["status"])]
    assert states == [["parked", "current"]] * 4


@with_tensorflow
def test_a_cell_of_the_first_part_works_after_the_second(nb: Notebook) -> None:
    demo = Demo(nb, PARTS)
    for cell in demo.cells:
        demo.run(cell)
    line = demo.run("ask-line")
    assert line.stdout == LINE.format(2.0, 4.0, 6.0)
    assert [notice[:30] for notice in line.notices] == ["entered section-1 (begun in [2"]
    assert demo.run("train-line").stdout == "slope 3.0\n"
    assert demo.run("ask-parabola").stdout == PARABOLA.format(20.0, 80.0, 180.0)
    assert demo.run("ask-line").stdout == LINE.format(3.0, 6.0, 9.0)


TRAINED = re.compile(r"step (\d+): loss ([\d.]+)\n")
ACCURACY = re.compile(r"accuracy ([\d.]+)\n")
SCORE = "round(float(sess.run(accuracy, {images: test_x, labels: test_y})), 4)"
WEIGHTS = "[value.tobytes() for value in sess.run(tf.global_variables())]"
STEPS_A_RUN = 210


def steps_of(outcome: Outcome) -> list[int]:
    return [int(step) for step, _ in TRAINED.findall(outcome.stdout)]


def last_loss(outcome: Outcome) -> float:
    return float(TRAINED.findall(outcome.stdout)[-1][1])


def accuracies(outcomes: list[Outcome]) -> list[float]:
    return [float(ACCURACY.fullmatch(outcome.stdout)[1]) for outcome in outcomes]


@with_tensorflow
def test_digits_every_cell_twice_and_all_again(nb: Notebook) -> None:
    outcomes = Demo(nb, DIGITS).run_twice_and_again()
    texts = printed(outcomes)
    assert texts["setup"] == SETUP
    assert texts["data"] == ["1347 digits to learn from, 450 to test with\n"] * 4
    silent = ("build", "epochs", "vars", "reset", "undo")
    assert {cell: texts[cell] for cell in silent} == {cell: [""] * 4 for cell in silent}

    begins = [STEPS_A_RUN * run for run in range(4)]
    assert [text.partition("\n")[0] for text in texts["train"]] == [
        f"starting at step {begin}" for begin in begins
    ]
    assert [steps_of(outcome) for outcome in outcomes["train"]] == [
        [begin + 42 * epoch for epoch in range(1, 6)] for begin in begins
    ]
    losses = [last_loss(outcome) for outcome in outcomes["train"]]
    assert losses == sorted(losses, reverse=True)

    # The second run of each reset and each undo repeats the first, one change further back.
    first, again, second, then = accuracies(outcomes["accuracy"])
    assert first == again > 0.9
    assert second == then >= first
    assert max(accuracies(outcomes["forgotten"])) < 0.3
    assert accuracies(outcomes["back"]) == [first, first, second, second]
    assert shown(outcomes["reset"]) == [RESET.format(5, "s")] * 4
    assert (
        shown(outcomes["undo"])
        == ["undo of reset: 5 variables of graph-1; %tfsession redo reverses it"] * 4
    )
    assert notices(outcomes) == {"train": kept(5, 9, 20, 31)}


@with_tensorflow
def test_digits_lists_what_was_learned(nb: Notebook) -> None:
    demo = Demo(nb, DIGITS)
    for cell in ("setup", "data", "build", "epochs", "train"):
        demo.run(cell)
    title, _, _, *rows, footnote = demo.run("vars").text.splitlines()
    assert title == "variables of graph-1"
    assert [row.split()[0] for row in rows] == [
        "digits/hidden/weights",
        "digits/hidden/bias",
        "digits/output/weights",
        "digits/output/bias",
        "global_step",
    ]
    *step, run, number = rows[-1].split()[1:]
    assert step == ["int64", "()", "8", "B", str(STEPS_A_RUN), "CPU:0", "[5],"]
    assert (run, int(number) >= STEPS_A_RUN) == ("run", True)
    assert footnote == "5 of 5 initialized, 9.4 KiB"


@with_tensorflow
def test_digits_improve_when_training_is_continued(nb: Notebook) -> None:
    demo = Demo(nb, DIGITS)
    for cell in ("setup", "data", "build", "epochs", "train"):
        demo.run(cell)
    first = nb.value(SCORE)
    assert first > 0.85
    demo.run("train")
    assert nb.value(SCORE) >= first


def is_a_line_of_training(message: Message) -> bool:
    content: Any = message["content"]
    return message["msg_type"] == "stream" and TRAINED.search(content["text"]) is not None


@with_tensorflow
def test_digits_go_on_after_an_interrupt(nb: Notebook) -> None:
    demo = Demo(nb, DIGITS)
    for cell in ("setup", "data", "build"):
        demo.run(cell)
    demo.run("epochs", "EPOCHS = 100_000")  # hours: the interrupt comes in the middle
    nb.start(demo.cells["train"], cell="train")
    nb.wait_for(is_a_line_of_training)
    nb.interrupt()
    stopped = nb.finish()
    assert stopped.error is not None
    assert stopped.error.ename == "KeyboardInterrupt"
    reached = nb.value("int(sess.run(step))")
    assert reached >= steps_of(stopped)[-1] >= 42

    demo.run("epochs")
    weights = nb.value(WEIGHTS)
    continued = demo.run("train")
    assert continued.stdout.startswith(f"starting at step {reached}\n")
    assert steps_of(continued) == [reached + 42 * epoch for epoch in range(1, 6)]
    assert continued.notices == [REUSED, KEPT.format(5, "s", 5)]

    trained = nb.value(WEIGHTS)
    assert trained != weights
    demo.run("reset")
    assert nb.value(WEIGHTS) != trained
    demo.run("undo")
    assert nb.value(WEIGHTS) == trained


@with_tensorflow
def test_digits_come_back_after_an_honoured_initializer(nb: Notebook) -> None:
    demo = Demo(nb, DIGITS)
    for cell in ("setup", "data", "build", "epochs", "train"):
        demo.run(cell)
    trained = nb.value(WEIGHTS)
    overwritten = nb.run(
        "import jupyter_tfsession\n"
        "with jupyter_tfsession.allow_init():\n"
        "    sess.run(tf.global_variables_initializer())\n"
        "print(sess.run(step))"
    )
    assert overwritten.stdout == "0\n"
    assert nb.value(WEIGHTS) != trained
    assert demo.run("undo").text == (
        "undo of initializer: 5 variables of graph-1; %tfsession redo reverses it"
    )
    assert nb.value(WEIGHTS) == trained
