"""Runs notebooks that were written for TensorFlow 1, and counts the re-executions that fail.

    python tests/notebooks/corpus.py DIRECTORY [--plain] [--json FILE] [--only NAME] [--seed N]

Every notebook gets a kernel of its own and three passes: every cell twice in a row, all cells in
order, and all cells in a shuffled order; with the extension and its TensorFlow 1 imports, or
(``--plain``) without the extension on TensorFlow's version 1 API. ``--once`` runs each cell once
and in order instead, ``--random N`` then N cells drawn at random. With ``--against FILE``, the
outcome of a call with ``--once``, the cells that fail there are left out: they need what is gone, a
data set or ``tf.contrib``.

The notebooks are not changed, but what is run of them takes fewer steps, and writes below the
kernel's working directory rather than to ``/tmp``.
"""
# ruff: noqa: T201 - prints its results

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import sys
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kernel_process import KernelDiedError
from notebook import Notebook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MANAGED: Final = "%load_ext jupyter_tfsession\n%tfsession compat on"
PLAIN: Final = "__import__('tensorflow').compat.v1.disable_v2_behavior()"

PASSES: Final = ("first", "twice", "again", "shuffled", "random")
"""Where an execution belongs; the first of each cell is no re-execution."""

PATIENCE: Final = 60.0
_GRACE: Final = 30.0
_SHOWN: Final = 2000

_V1_IMPORT: Final = re.compile(r"^(\s*)import tensorflow as tf\b", re.MULTILINE)
_LIMITS: Final = {
    r"\w*epochs": 3,
    r"num_steps|training_steps|n_iterations|n_iterations_per_epoch": 20,
    r"n_iter|n_search_iterations": 2,
    r"dpi|resolution": 30,
}
_REWRITTEN: Final = (
    (re.compile(r"([\"'])/tmp/"), r"\1./tmp/"),
    # Starts a server.
    (re.compile(r"^(\s*)%(?:load_ext )?tensorboard\b.*", re.MULTILINE), r"\1pass"),
)


@dataclass(frozen=True)
class Execution:
    """One execution of a cell, and what came of it.

    ``operations`` is by how much the default graph has grown; ``ename`` is empty when all went
    well.
    """

    notebook: str
    cell: str
    belongs_to: str
    seconds: float
    operations: int
    ename: str = ""
    evalue: str = ""
    stdout: str = ""
    stderr: str = ""
    text: str = ""
    notices: tuple[str, ...] = ()


def cells_of(notebook: Path, *, plain: bool) -> dict[str, str]:
    """Return what is to be run of a notebook: the sources by the cells' ids or numbers."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    sources = {
        str(cell.get("id", number)): adapted("".join(cell["source"]), plain=plain)
        for number, cell in enumerate(code)
    }
    return {cell: source for cell, source in sources.items() if source.strip()}


def adapted(source: str, *, plain: bool) -> str:
    """Make a cell quick and harmless to run; in plain TensorFlow, on the version 1 API."""
    for pattern, replacement in _REWRITTEN:
        source = pattern.sub(replacement, source)
    for names, limit in _LIMITS.items():
        source = re.sub(rf"\b((?:{names})\s*=\s*)(\d+)\b", _at_most(limit), source)
    if plain:
        source = _V1_IMPORT.sub(r"\1import tensorflow.compat.v1 as tf", source)
    return source


def _at_most(limit: int) -> Callable[[re.Match[str]], str]:
    return lambda found: found[1] + str(min(int(found[2]), limit))


def order(
    cells: Iterable[str], seed: int | None, drawn: int | None = None
) -> Iterator[tuple[str, str]]:
    """Yield every execution of the three passes: the cell and where the execution belongs.

    Without a seed, every cell is run once and in order; with so many `drawn`, these are run then.
    """
    listed = list(cells)
    for cell in listed:
        yield cell, "first"
        if seed is not None and drawn is None:
            yield cell, "twice"
    if drawn is not None:
        for cell in random.Random(seed).choices(listed, k=drawn if listed else 0):
            yield cell, "random"
    if seed is None or drawn is not None:
        return
    for cell in listed:
        yield cell, "again"
    for cell in random.Random(seed).sample(listed, len(listed)):
        yield cell, "shuffled"


def run(
    notebook: Path, *, plain: bool, seed: int | None, drawn: int | None, files: Path | None
) -> Iterator[Execution]:
    """Run a notebook's passes in a kernel of its own; ends early when the kernel does."""
    kernel = Notebook()
    try:
        if files is not None:
            shutil.copytree(files, kernel.directory, dirs_exist_ok=True)
        (kernel.directory / "tmp").mkdir(exist_ok=True)
        ready = kernel.run(PLAIN if plain else MANAGED, "setup")
        if ready.error is not None:
            raise RuntimeError(ready.error.traceback)
        cells = cells_of(notebook, plain=plain)
        for cell, belongs_to in order(cells, seed, drawn):
            execution = execute(kernel, notebook.stem, cell, belongs_to, cells[cell])
            yield execution
            if not kernel.usable:
                return
    finally:
        kernel.shutdown()


def execute(kernel: Notebook, notebook: str, cell: str, belongs_to: str, source: str) -> Execution:
    """Run one cell, interrupt it when it takes too long, and say what came of it."""
    before = operations(kernel)
    began = time.monotonic()
    watch = threading.Timer(PATIENCE, kernel.interrupt)
    watch.start()
    try:
        outcome = kernel.run(source, cell, timeout=PATIENCE + _GRACE)
    except (KernelDiedError, TimeoutError) as error:
        gone = (type(error).__name__, str(error)[-_SHOWN:])
        seconds = time.monotonic() - began
        return Execution(notebook, cell, belongs_to, seconds, 0, *gone)
    finally:
        watch.cancel()
    seconds = time.monotonic() - began
    failure = outcome.error
    return Execution(
        notebook,
        cell,
        belongs_to,
        round(seconds, 3),
        operations(kernel) - before,
        failure.ename if failure else "",
        essence(failure.evalue) if failure else "",
        outcome.stdout[:_SHOWN],
        outcome.stderr[-_SHOWN:],
        outcome.text[:_SHOWN],
        tuple(outcome.notices),
    )


def essence(message: str) -> str:
    """Return the line of an error's message that says what is wrong."""
    # TensorFlow puts where the operation was created before what is wrong with it.
    message = re.sub(r"\AGraph execution error:.*?\nNode: [^\n]*\n", "", message, flags=re.DOTALL)
    return next((line for line in message.splitlines() if line.strip()), "")[:300]


def operations(kernel: Notebook) -> int:
    """Count the operations of the default graph, without making one where there is none yet.

    A notebook may still switch eager execution on then.
    """
    framework = "__import__('sys').modules.get('tensorflow.python.framework.ops')"
    made = f"{framework} and {framework}._default_graph_stack._global_default_graph is not None"
    return kernel.operations() if kernel.value(made) else 0


def failing_at_once(executions: Iterable[Execution]) -> set[tuple[str, str]]:
    """Return the cells whose very first execution fails."""
    return {
        (one.notebook, one.cell) for one in executions if one.ename and one.belongs_to == "first"
    }


def summary(executions: Iterable[Execution], excluded: set[tuple[str, str]]) -> Iterator[str]:
    """Yield the lines of a table: re-executions and failed ones, by notebook and pass."""
    counted = [one for one in executions if (one.notebook, one.cell) not in excluded]
    notebooks = sorted({one.notebook for one in counted})
    passes = [name for name in PASSES if any(one.belongs_to == name for one in counted)]
    yield f"{'failed/executions':40}" + "".join(f"{name:>12}" for name in passes)
    for name in [*notebooks, "total"]:
        of_notebook = [one for one in counted if name in {one.notebook, "total"}]
        row = f"{name[:39]:40}"
        for belongs_to in passes:
            there = [one for one in of_notebook if one.belongs_to == belongs_to]
            failed = sum(1 for one in there if one.ename)
            row += f"{failed:>6}/{len(there):<5}"
        yield row
    causes = Counter(one.ename for one in counted if one.ename and one.belongs_to != "first")
    yield ", ".join(f"{number} {ename}" for ename, number in causes.most_common())


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path, help="where the notebooks are")
    parser.add_argument("--plain", action="store_true", help="without the extension")
    parser.add_argument("--json", type=Path, help="keep every execution in this file")
    parser.add_argument("--only", default="", help="notebooks with this in their name")
    parser.add_argument("--seed", type=int, default=0, help="of the shuffled order")
    parser.add_argument("--files", type=Path, help="what to copy to each working directory")
    parser.add_argument("--once", action="store_true", help="every cell once, in order")
    parser.add_argument("--random", type=int, metavar="N", help="then N cells drawn at random")
    parser.add_argument("--against", type=Path, help="a file of --once --plain --json")
    options = parser.parse_args()

    seed = None if options.once else options.seed
    done: list[Execution] = []
    notebooks = sorted(options.directory.rglob("*.ipynb"))
    for notebook in [found for found in notebooks if options.only in found.stem]:
        print(f"{notebook.stem} ...", flush=True)
        how = {"plain": options.plain, "files": options.files, "drawn": options.random}
        done += run(notebook, seed=seed, **how)
        if options.json:
            options.json.write_text(json.dumps([asdict(one) for one in done], indent=1))
    excluded: set[tuple[str, str]] = set()
    if options.against:
        once = [Execution(**one) for one in json.loads(options.against.read_text())]
        excluded = failing_at_once(once)
        print(f"cells left out, since they fail when run just once: {len(excluded)}")
    print("\n".join(summary(done, excluded)))


if __name__ == "__main__":
    main()
