"""Random notebooks that build graphs, as hypothesis draws them, and what is done with them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from textwrap import indent
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator

# Each makes of the scalar `x` another. N is a name of the statement's own, P and Q its numbers.
STATEMENTS: Final = {
    "arithmetic": "x = x * 0.5 + P.0",
    "variable": "v = tf.Variable(P.0)\nx = x + v * Q.0",
    "named variable": "v = tf.Variable(P.0, name='N')\nx = x - v",
    "shaped variable": "v = tf.get_variable('N', [P], initializer=tf.ones_initializer())\n"
    "x = x + tf.reduce_sum(v)",
    "typed variable": "v = tf.get_variable('N', [], [tf.float32, tf.float64][P % 2],"
    " tf.zeros_initializer())\nx = x + tf.cast(v, tf.float32)",
    "scoped variable": "with tf.variable_scope('scopeP', reuse=tf.AUTO_REUSE):\n"
    "    v = tf.get_variable('N', initializer=Q.0)\nx = x * v",
    "shared variable": "with tf.variable_scope('shared', reuse=tf.AUTO_REUSE):\n"
    "    v = tf.get_variable('both', [], initializer=tf.ones_initializer())\nx = x + v * P.0",
    "partitioned variable": "v = tf.get_variable('N', [4], initializer=tf.ones_initializer(),"
    " partitioner=tf.fixed_size_partitioner(1 + P % 2))\nx = x + tf.reduce_sum(v)",
    "variables in a loop": "for k in range(P):\n    x = x + tf.Variable(Q.0)",
    "regularizer": "with tf.variable_scope('N'):\n"
    "    v = tf.get_variable('v', initializer=2.0, regularizer=lambda v: v * P.0)\n"
    "x = x + v + tf.add_n(named('regularization_losses', 'N'))",
    "loss": "tf.losses.[METHOD](1.0, x * P.0, scope='N')\nx = x + tf.add_n(named('losses', 'N'))",
    "template": "t = tf.make_template('N', lambda y: y * tf.get_variable('k', initializer=P.0))\n"
    "x = t(x) + t(x)",
    "average": "v = tf.Variable(P.0, name='N')\na = tf.train.ExponentialMovingAverage(0.5)\n"
    "trains.append(a.apply([v]))\nx = x + a.average(v)",
    "optimizer": "v = tf.Variable(1.0, name='N')\n"
    "trains.append(tf.train.[OPTIMIZER](0.01).minimize(tf.square(v - P.0 + still(x))))\nx = x + v",
    "optimizer of one": "v = tf.Variable(1.0)\nstep = tf.train.get_or_create_global_step()\n"
    "trains.append(tf.train.[OPTIMIZER](0.01).minimize("
    "tf.square(v - P.0), global_step=step, var_list=[v]))\nx = x + v",
    "gradient": "v = tf.Variable(P.0)\nx = x + tf.gradients(tf.square(still(x) * v), [v])[0] * 0.1",
    "clipping": "v = tf.Variable(P.0)\n"
    "x = x + tf.clip_by_global_norm(tf.gradients(still(x) * v, [v]), Q.0)[1] * 0.1",
    "summary": "tf.summary.scalar('N', x)\nfor k in named('summaries', 'N'):\n"
    "    x = x + tf.to_float(tf.strings.length(k)) * P.0",
    "cond": "x = tf.cond(x > P.0, lambda: x + Q.0, lambda: x - 1.0)",
    "cond of constants": "x = x + tf.cond(x > P.0, lambda: tf.constant(Q.0), lambda: 0.5)",
    "while": "x = tf.while_loop(lambda i, a: i < P, lambda i, a: (i + 1, a * 0.5 + Q.0),"
    " [tf.constant(0), x])[1]",
    "cond in while": "x = tf.while_loop(lambda i, a: i < P, lambda i, a: (i + 1,"
    " tf.cond(a > Q.0, lambda: a * 0.5, lambda: a + 1.0)), [tf.constant(0), x])[1]",
    "gradient of while": "v = tf.Variable(P.0)\ny = tf.while_loop(lambda i, a: i < 2,"
    " lambda i, a: (i + 1, a * v * 0.5 + Q.0), [tf.constant(0), still(x)])[1]\n"
    "x = x + tf.gradients(y, [v])[0] * 0.01",
    "scan": "x = x + tf.scan(lambda a, b: a * 0.5 + b * P.0, tf.ones([Q]))[-1]",
    "random": "x = x + tf.random_uniform([], seed=P)",
    "dropout": "x = x + tf.reduce_sum(tf.nn.dropout(tf.ones([8]), rate=0.5, seed=P))",
    "update": "v = tf.Variable(P.0, name='N')\n"
    "with tf.control_dependencies([tf.assign_add(v, 1.0)]):\n"
    "    x = tf.identity(x) + v.read_value()",
    "collections": "tf.add_to_collection('mine', x * P.0)\ntf.add_to_collection('mine', {'a': Q})\n"
    "for k in range(2):\n    tf.add_to_collection('mine', 'text')",
    "update operations": "v = tf.Variable(1.0, name='N')\nwith tf.name_scope('N'):\n"
    "    tf.add_to_collection('update_ops', tf.assign(v, v * 0.5 + P.0).op)\n"
    "trains.append(named('update_ops', 'N'))\nx = x + v",
    "Python function": "x = tf.py_func(lambda a: np.float32(a + P), [x], tf.float32)\n"
    "x.set_shape([])",
    "iterator": "i = tf.data.make_initializable_iterator(tf.data.Dataset.range(P + 1).repeat())\n"
    "tf.add_to_collection('starts', i.initializer)\nx = x + tf.to_float(i.get_next())",
    "mapped iterator": "i = tf.data.make_initializable_iterator("
    "tf.data.Dataset.range(9).map(lambda k: k + P).repeat())\n"
    "tf.add_to_collection('starts', i.initializer)\nx = x + tf.to_float(i.get_next())",
    "table": "pairs = tf.lookup.KeyValueTensorInitializer([1, 2], [P, Q])\n"
    "t = tf.lookup.StaticHashTable(pairs, 0)\n"
    "tf.add_to_collection('starts', t.initializer)\nx = x + tf.to_float(t.lookup(tf.constant(1)))",
    "metric": "m, u = tf.metrics.mean(x * P.0)\nx = x + u",
    "saver": "v = tf.Variable(P.0)\ns = tf.train.Saver([v])\nx = x + v",
    "TensorArray": "a = tf.TensorArray(tf.float32, 2).write(0, x).write(1, P.0)\n"
    "x = tf.reduce_sum(a.stack())",
    "function": "x = layer(x, 'N', P)",
}
WRAPPINGS: Final = {
    "plainly": "",
    "in a name scope": "with tf.name_scope('named'):",
    "in a variable scope": "with tf.variable_scope(None, 'var'):",
    "on a device": "with tf.device('/cpu:0'):",
    "with a dependency": "with tf.control_dependencies([x]):",
    "beside x": "with tf.colocate_with(x):",
    "on a chosen device": "with tf.device(lambda op: '/cpu:0'):",
}
OPTIMIZERS: Final = (
    "GradientDescentOptimizer",
    "AdamOptimizer",
    "AdagradOptimizer",
    "RMSPropOptimizer",
)
LOSSES: Final = ("mean_squared_error", "absolute_difference", "huber_loss")
# A session keeps more of these than the values of variables; these cannot be told to be the same.
STATEFUL: Final = {"random", "dropout", "iterator", "mapped iterator", "table"}
ANEW: Final = {"Python function", "mapped iterator"}
FUNCTIONS: Final = """
still = tf.stop_gradient
def named(key, name):
    return [item for item in tf.get_collection(key) if name in item.name]
def layer(x, name, p):
    with tf.variable_scope(name):
        return x + p * tf.get_variable('w', initializer=1.0)
"""


@dataclass(frozen=True)
class Statement:
    """One statement of a cell."""

    kind: str
    p: int = 1
    q: int = 1
    wrapping: str = "plainly"

    def source(self, name: str) -> str:
        """Return the source, with a name of its own."""
        code = STATEMENTS[self.kind]
        for old, new in (
            ("[OPTIMIZER]", OPTIMIZERS[self.q % len(OPTIMIZERS)]),
            ("[METHOD]", LOSSES[self.q % len(LOSSES)]),
            ("'N'", f"'{name}'"),
            ("scopeP", f"scope{self.p}"),
        ):
            code = code.replace(old, new)
        code = _number(_number(code, "P", self.p), "Q", self.q)
        # What starts first must not wait for what has not started.
        waits = self.wrapping == "with a dependency" and "'starts'" in code
        before = "" if waits else WRAPPINGS[self.wrapping]
        return f"{before}\n{indent(code, '    ')}" if before else code


def _number(code: str, letter: str, number: int) -> str:
    return re.sub(rf"(?<![\w'.]){letter}(?!\w)", str(number), code)


@dataclass
class Script:
    """A notebook and what is done with it.

    Attributes
    ----------
    cells
        Their statements, at first.
    actions
        What happens once all have run: each a name, a cell, a place in it, and a statement.
    fresh
        Whether the session at the end is a new one.
    """

    cells: list[list[Statement]]
    actions: list[tuple[str, int, int, Statement]] = field(default_factory=list)
    fresh: bool = False

    def __post_init__(self) -> None:
        self.cells = [list(cell) for cell in self.cells]
        self.first = [list(cell) for cell in self.cells]

    def steps(self) -> Iterator[tuple[str, str, str]]:
        """Yield what to run: what is expected of it, the cell, and its source."""
        cells = [list(cell) for cell in self.first]
        for number in range(len(cells)):
            yield from self._twice(number, cells[number])
        for action, number, place, statement in self.actions:
            at = number % len(cells)
            cell = cells[at]
            yield from self._act(action, cell, at, place % len(cell), statement)
        self.cells = cells
        kinds = {statement.kind for cell in (*cells, *self.first) for statement in cell}
        kinds |= {statement.kind for *_, statement in self.actions}
        fresh = self.fresh or bool(kinds & STATEFUL)
        yield "", "values", f"tf.Session()\n%tfsession {'close --discard' if fresh else 'reset'}"
        for number, cell in enumerate(cells):
            yield "", str(number), source(number, cell)
        yield "final", "use", ""
        for number, cell in enumerate(cells):
            yield self._unchanged(*cells[: number + 1]), str(number), source(number, cell)

    def _act(
        self, action: str, cell: list[Statement], at: int, place: int, statement: Statement
    ) -> Iterator[tuple[str, str, str]]:
        if action == "use":
            yield "stale", "use", ""
        elif action == "other":
            yield "", "other", "other = tf.constant(1.0) * tf.constant(2.0)"
        elif action == "fail":
            yield "fails", str(at), source(at, cell, place)
        else:
            if action == "change":
                old = cell[place]
                cell[place] = Statement(old.kind, statement.p, statement.q, old.wrapping)
            elif action == "insert":
                cell.insert(place, statement)
            elif action == "replace":
                cell[place] = statement
            elif action == "drop" and len(cell) > 1:
                del cell[place]
            elif action == "swap":
                cell[place], cell[place - 1] = cell[place - 1], cell[place]
            yield from self._twice(at, cell)

    def _twice(self, number: int, cell: list[Statement]) -> Iterator[tuple[str, str, str]]:
        yield "", str(number), source(number, cell)
        yield self._unchanged(cell), str(number), source(number, cell)

    @staticmethod
    def _unchanged(*cells: list[Statement]) -> str:
        kinds = {statement.kind for cell in cells for statement in cell}
        return "" if kinds & ANEW else "unchanged"


def source(number: int, cell: list[Statement], fails_at: int | None = None) -> str:
    """Return a cell's source; `fails_at` is the place of an error in it."""
    lines = [FUNCTIONS] if number == 0 else []
    lines += [
        f"trains = trains_of[{number}] = []",
        f"x = outs[{number - 1}] * 0.5" if number else "x = tf.constant(1.0)",
    ]
    counts: Counter[str] = Counter()
    for place, statement in enumerate(cell):
        if place == fails_at:
            lines.append("raise KeyError('half-way')")
        name = f"n{number}_{statement.kind.replace(' ', '_')}{counts[statement.kind]}"
        counts[statement.kind] += 1
        lines.append(statement.source(name))
    lines.append(f"outs[{number}] = tf.identity(x)")
    return "\n".join(lines)


_NUMBERS: Final = st.integers(1, 3)
_STATEMENTS: Final = st.builds(
    Statement,
    st.sampled_from(sorted(STATEMENTS)),
    _NUMBERS,
    _NUMBERS,
    st.sampled_from(sorted(WRAPPINGS, key=lambda name: name != "plainly")),
)
_ACTIONS: Final = st.tuples(
    st.sampled_from(["run", "change", "insert", "replace", "drop", "swap", "fail", "use", "other"]),
    _NUMBERS,
    _NUMBERS,
    _STATEMENTS,
)
SCRIPTS: Final = st.builds(
    Script,
    st.lists(st.lists(_STATEMENTS, min_size=1, max_size=3), min_size=1, max_size=3),
    st.lists(_ACTIONS, max_size=8),
    st.booleans(),
)
