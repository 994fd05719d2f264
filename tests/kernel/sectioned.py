"""Random notebooks of several parts, played as a whole and part by part."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from fidelity import IMPORT
from hypothesis import strategies as st

if TYPE_CHECKING:
    from notebook import Notebook

RESETS: Final = {
    "at the top": "tf.reset_default_graph()\n",
    "by a function": "def reset_graph():\n    tf.reset_default_graph()\nreset_graph()\n",
    "in the middle": "plain = [N]\ntf.reset_default_graph()\n",
    "twice": "tf.reset_default_graph()\nw = tf.Variable(7.0)\ntf.reset_default_graph()\n",
}
VARIABLES: Final = (
    "w = tf.get_variable('w', initializer=N0.0)",
    "w = tf.Variable(N0.0, name='w')",
    "w = tf.get_variable('w', initializer=N0.0, use_resource=True)",
)
TRAINS: Final = (
    "train = tf.train.GradientDescentOptimizer(0.01).minimize(loss)",
    "optimizer = tf.train.AdamOptimizer(0.1)\ntrain = optimizer.minimize(loss)",
    "train = tf.assign_add(w, 1.0)",
)
OPENS: Final = (
    "with tf.Session() as sess:\n    sess.run(init)\n    seen = float(sess.run(w))",
    "sess = tf.Session()\nsess.run(init)",
    "sess = tf.InteractiveSession()\ninit.run()\nseen = float(y.eval())",
)
BUILD: Final = "x = tf.placeholder_with_default(tf.constant(N.0), [], name='x')\n{}\ny = w * x"
LOSS: Final = "loss = tf.square(y - 1.0)\n{}\ninit = tf.global_variables_initializer()"
# Each after all of the above; any of them may be there.
MORE: Final = (
    "for _ in range(3):\n    sess.run(train)\nseen = float(sess.run(loss))",
    "seen = float(sess.run(y, {x: 2.0}))",
    "parts = {'loss': loss, 'pair': (w, [x, N])}\nseen = float(sess.run(parts['pair'][0]))",
    "seen = [float(sess.run(y * part)) for part in (x, w)]",
    "saver = tf.train.Saver()\nseen = saver.save(sess, base + 'part N').partition('part')[2]",
    "seen = [v.name for v in tf.global_variables()]",
    "seen = len(tf.get_default_graph().get_operations()), y.graph is tf.get_default_graph()",
    """with tf.variable_scope('more', reuse=tf.AUTO_REUSE):
    b = tf.get_variable('b', initializer=0.5)
z = y + b
sess.run(b.initializer)
seen = float(sess.run(z))""",
    """with tf.Session() as sess:
    sess.run(init)
    sess.run(train)
    seen = float(w.eval())""",
    "history = [float(value) for value in sess.run([loss, w])]\nseen = history",
    "seen = w.name, str(y)",
)


@dataclass
class Part:
    """The cells of one part."""

    cells: list[str]


@dataclass
class Script:
    """The parts, and which cells are run again: the number of the part, and of the cell.

    A cell -1 stands for a reset of its own, after which all cells of the part are run again.
    """

    parts: list[Part]
    again: list[tuple[int, int]] = field(default_factory=list)

    def steps(self) -> list[tuple[int, str, str]]:
        """Return what is run: the number of the part, the cell, its source."""
        order = [(p, c) for p, part in enumerate(self.parts) for c in range(len(part.cells))]
        for p, c in self.again:
            part = p % len(self.parts)
            cells = self.parts[part].cells
            order += [(part, c % len(cells))] if c >= 0 else []
            order += [(part, n) for n in range(-1, len(cells))] if c < 0 else []
        return [(p, f"{p} {c}", self._source(p, c)) for p, c in order]

    def _source(self, part: int, cell: int) -> str:
        if cell < 0:
            return "tf.reset_default_graph()"
        return self.parts[part].cells[cell].replace("N", str(part + 1))


@st.composite
def parts(draw: st.DrawFn, *, first: bool) -> Part:
    """Draw a part; the first one may begin with the kernel."""
    reset = RESETS[draw(st.sampled_from(sorted(RESETS)))]
    where = draw(st.sampled_from(["with", "alone", "none"] if first else ["with", "alone"]))
    build = BUILD.format(draw(st.sampled_from(VARIABLES)))
    cells = {"with": [reset + build], "alone": [reset, build], "none": [build]}[where]
    cells.append(LOSS.format(draw(st.sampled_from(TRAINS))))
    cells.append(draw(st.sampled_from(OPENS)))
    if draw(st.booleans()):  # all of it in one cell
        cells = ["\n".join(cells)]
    return Part(cells + draw(st.lists(st.sampled_from(MORE), min_size=1, max_size=4)))


@st.composite
def _scripts(draw: st.DrawFn) -> Script:
    count = draw(st.integers(2, 4))
    found = [draw(parts(first=number == 0)) for number in range(count)]
    cell = st.one_of(st.integers(0, 7), st.integers(-1, 7))
    return Script(found, draw(st.lists(st.tuples(st.integers(0, 3), cell), max_size=12)))


SCRIPTS: Final = _scripts()


def check(nb: Notebook, script: Script) -> None:
    """Play all of it, and each part alone, and compare what each cell gave."""
    steps = script.steps()
    play = f"{IMPORT('driving')}.play_cells"
    together = nb.value(f"{play}({[(cell, source) for _, cell, source in steps]!r})")
    alone: dict[int, list[Any]] = {}
    for number in range(len(script.parts)):
        own = [(cell, source) for part, cell, source in steps if part == number]
        alone[number] = list(nb.value(f"{play}({own!r})"))
    for at, ((part, cell, _), seen) in enumerate(zip(steps, together, strict=True)):
        expected = alone[part].pop(0)
        told = "\n".join(f"--- {one}\n{text}" for _, one, text in steps[: at + 1])
        assert seen == expected, f"{cell} gave {seen}, alone {expected}, after\n{told}"
