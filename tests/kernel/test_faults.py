"""Every hook and patch fails open: what is broken is switched off, and TensorFlow goes on."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Kernels
    from notebook import Notebook
    from outcome import Outcome

# Runs in the kernel, before the extension is loaded; `broken` ends what the last test broke.
BREAK = """
import importlib, sys

def broken(*_args, **_kwargs):
    raise {error}

def mend():
    while sys._tfsession_test_broken:
        setattr(*sys._tfsession_test_broken.pop())

if not hasattr(sys, "_tfsession_test_broken"):
    sys._tfsession_test_broken = []
mend()
path = {path!r}
if path:
    module, _, attributes = path.partition(":")
    *owners, name = attributes.split(".")
    owner = importlib.import_module("jupyter_tfsession." + module)
    for part in owners:
        owner = getattr(owner, part)
    sys._tfsession_test_broken.append((owner, name, vars(owner)[name]))
    setattr(owner, name, broken)
"""
INJECTED = "RuntimeError: injected"
LOAD = "get_ipython().extension_manager.load_extension('jupyter_tfsession')"

BUILD = """
g = {graph}
with g.as_default():
    v = tf.get_variable("v", initializer=1.0, use_resource={resource})
    u = tf.get_variable("u", initializer=5.0, use_resource={resource})
    x = tf.placeholder(tf.float32, [], name="x")
    train = tf.assign_add(v, x)
    out = v * 10
    init = tf.global_variables_initializer()
"""
FAIL = """
sess = {session}
try:
    sess.run([u.initializer, x])
except tf.errors.InvalidArgumentError as error:
    refused = "You must feed a value for placeholder tensor 'x'" in str(error)
"""
TRAIN = """
sess = {session}
sess.run(init)
for _ in range(3):
    sess.run(train, {{x: 2.0}})
trained = float(sess.run(out))
"""
EVALUATE = """
with sess.as_default():
    train.op.run({{x: 1.0}})
    evaluated = float(out.eval())
    called = sess.make_callable([out])()[0] - evaluated
    parts = sess.partial_run_setup([out], [])
    called += sess.partial_run(parts, [out])[0] - evaluated
"""
WRONG = """
try:
    sess.run("nothing:0")
except ValueError as error:
    wrong = str(error)
"""
# An initializer of a cell that opens the session is honoured, and undo has the old values.
HONOURED = """
with {session} as other:
    other.run(init)
    honoured = float(out.eval())
"""


@dataclass
class World:
    """A kernel in which something of the extension may be broken."""

    nb: Notebook
    blanks: dict[str, object]

    def break_and_load(self, path: str, error: str = "RuntimeError('injected')") -> None:
        """Make `path` raise and load the extension."""
        self.nb.execute_silently(f"exec({BREAK.format(path=path, error=error)!r}, {{}})")
        self.nb.execute_silently(LOAD)

    def mend(self) -> None:
        """Make nothing raise any more."""
        self.nb.execute_silently(f"exec({BREAK.format(path='', error='None')!r}, {{}})")

    def run(self, source: str, cell: str | None = None) -> Outcome:
        """Run a cell that must succeed."""
        outcome = self.nb.run(source.format(**self.blanks), cell=cell)
        assert outcome.error is None, outcome.error.traceback
        return outcome

    def run_all(self) -> list[str]:
        """Run the typical cells, the training twice; return the warnings that they showed."""
        warnings: list[str] = []
        for source in (BUILD, FAIL, TRAIN, TRAIN, EVALUATE, WRONG, HONOURED, "done = True"):
            warnings += warnings_in(self.run(source, cell=source))
        return warnings

    def values(self) -> object:
        """Return what the cells worked out."""
        return self.nb.value("refused, trained, evaluated, float(called), honoured")


def warnings_in(outcome: Outcome) -> list[str]:
    """Return the lines that say what was switched off."""
    lines = [*outcome.notices, *outcome.stderr.splitlines(), *outcome.stdout.splitlines()]
    return [line for line in lines if "switched off" in line or "injected" in line]


KINDS = {"ref": ("tf1", False), "resource": ("eager", True)}


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, kernels: Kernels) -> Iterator[World]:
    """Give a kernel without the extension, and mend it afterwards."""
    mode, resource = KINDS[request.param]
    nb = kernels.get(mode, load=False)
    graph, session = (
        ("tf.Graph()", "tf.Session(graph=g)")
        if mode == "eager"
        else ("tf.get_default_graph()", "tf.Session()")
    )
    world = World(nb, {"graph": graph, "session": session, "resource": resource})
    yield world
    world.mend()


PLAIN = (True, 70.0, 80.0, 0.0, 10.0)
KEPT = (True, 130.0, 140.0, 0.0, 10.0)

# What breaks, the purpose that is lost, and what the cells then work out.
FAULTS = [
    ("cells:CellTracker._begin", "telling a first run of a cell from a re-run", PLAIN),
    ("cells:CellTracker._end", "telling a first run of a cell from a re-run", PLAIN),
    ("sessions.registry:Registry._open_managed", "one session per graph, kept alive", PLAIN),
    ("sessions.registry:Registry.stand_ins", "one session per graph, kept alive", PLAIN),
    ("sessions.managed:ManagedSession.attach", "one session per graph, kept alive", PLAIN),
    ("sessions.config:effective", "one session per graph, kept alive", PLAIN),
    ("extension:Extension._patch", "one session per graph, kept alive", PLAIN),
    ("extension:Extension._patch_once", "one session per graph, kept alive", PLAIN),
    ("extension:Extension._tensorflow_imported", "one session per graph, kept alive", PLAIN),
    ("sessions.live:LiveSession._run_guarded", "the initializer guard", PLAIN),
    ("sessions.live:LiveSession._succeeded", "the initializer guard", PLAIN),
    ("sessions.live:LiveSession._failed", "the initializer guard", PLAIN),
    ("sessions.holding:HoldingSession._held_by_ledger", "the initializer guard", PLAIN),
    ("sessions.guard:InitializerGuard._prepare", "the initializer guard", PLAIN),
    ("sessions.guard:InitializerGuard._judge", "the initializer guard", PLAIN),
    ("sessions.plans:PlanCache.find", "the initializer guard", PLAIN),
    ("sessions.plans:PlanCache.make", "the initializer guard", PLAIN),
    ("sessions.ledger:Ledger.settle", "the initializer guard", PLAIN),
    ("sessions.ledger:Ledger.wrote", "the initializer guard", PLAIN),
    ("sessions.ledger:Ledger.may_have_written", "the initializer guard", PLAIN),
    ("sessions.ledger:Ledger.held", "the initializer guard", PLAIN),
    ("variables.values:hold_values", "the initializer guard", PLAIN),
    ("variables.catalogue:Catalogue.__init__", "the initializer guard", PLAIN),
    ("variables.values:read", "undo of overwritten values", KEPT),
    ("snapshots.undo:UndoBudget.record", "undo of overwritten values", KEPT),
    ("snapshots.undo:UndoBudget.room_for", "undo of overwritten values", KEPT),
    ("notices:Notices.say", "one-line notices", KEPT),
    ("notices:_show", "one-line notices", KEPT),
    ("notices:Notices.flush", "one-line notices", KEPT),
    ("sessions.registry:Registry.cell_finished", "freeing the sessions", KEPT),
    ("sessions.defaults:KernelDefault.follow_reset", "freeing the sessions", KEPT),
    ("magics:_ask_for_help", "help on sub-commands", KEPT),
]


def test_plain_tensorflow(world: World) -> None:
    assert world.run_all() == []
    assert world.values() == PLAIN


def test_nothing_is_broken(world: World) -> None:
    world.break_and_load("")
    assert world.run_all() == []
    assert world.values() == KEPT


# Each fault with one kind of variables, since cleaning a kernel takes longer than the cells.
@pytest.mark.parametrize(
    ("world", "path", "purpose", "values"),
    [(kind, *row) for kind, row in zip(itertools.cycle(KINDS), FAULTS, strict=False)],
    ids=[row[0] for row in FAULTS],
    indirect=["world"],
)
def test_a_fault_switches_off_just_what_is_broken(
    world: World, path: str, purpose: str, values: object
) -> None:
    world.break_and_load(path)
    warnings = world.run_all()
    assert len(warnings) == 1, warnings
    (warning,) = warnings
    assert warning.startswith(f"jupyter_tfsession switched off {purpose}")
    assert f"({INJECTED}); cells run as in plain TensorFlow. %tfsession doctor" in warning
    assert world.values() == values
    off = [line for line in world.nb.run("%tfsession doctor").text.splitlines() if INJECTED in line]
    assert [line[: len(purpose)] for line in off] == [purpose]
    assert off[0].split()[-3:] == ["off", *INJECTED.split()]


FOREIGN = """
other = tf.Graph()
with other.as_default():
    far = tf.constant(4.0)
def attempt(run):
    try:
        return float(run())
    except ValueError as error:
        return str(error).splitlines()[0][:52]
near = tf.constant(1.0)
sess = tf.Session()
with sess.as_default():
    found = attempt(far.eval), attempt(lambda: sess.run(far))
"""
ELSEWHERE = "Cannot use the default session to evaluate tensor: t"
NO_ELEMENT = 'Argument `fetch` = Tensor("Const:0", shape=(), dtype'


@pytest.mark.parametrize("world", ["ref"], indirect=True)
@pytest.mark.parametrize(
    "path", ["sessions.registry:Registry.evaluator", "sessions.registry:Registry._instead_of"]
)
def test_another_graphs_tensor_gives_tensorflows_error(world: World, path: str) -> None:
    world.break_and_load(path)
    (warning,) = warnings_in(world.run(FOREIGN))
    assert warning.startswith("jupyter_tfsession switched off running in the session of the graph")
    assert world.nb.value("found") == (ELSEWHERE, NO_ELEMENT)


@pytest.mark.parametrize("world", ["ref"], indirect=True)
def test_an_interactive_session_is_tensorflows_own(world: World) -> None:
    world.break_and_load("sessions.defaults:KernelDefault.set")
    outcome = world.run("sess = tf.InteractiveSession(); result = float(tf.constant(2.0).eval())")
    (warning,) = warnings_in(outcome)
    assert warning.startswith("jupyter_tfsession switched off one session per graph")
    assert world.nb.value("result") == 2.0
    world.run("sess.close()")


@pytest.mark.parametrize("world", ["ref"], indirect=True)
def test_closing_works_without_what_keeps_the_values(world: World) -> None:
    world.break_and_load("variables.values:read")
    world.run(BUILD)
    world.run(TRAIN)
    warning, lost = world.run("sess.close(); sess.close()").notices
    assert warning.startswith("jupyter_tfsession switched off undo of overwritten values")
    assert lost == f"closed the session of graph-1; its values are lost: {INJECTED}"
    world.mend()
    assert world.nb.run("sess.run(v)").error.ename == "FailedPreconditionError"


@pytest.mark.parametrize("world", ["ref"], indirect=True)
def test_what_was_put_off_is_initialized_when_the_guard_fails(world: World) -> None:
    world.break_and_load("sessions.live:LiveSession.initialize")
    world.run(BUILD)
    world.run(TRAIN)
    (warning,) = warnings_in(world.run(HONOURED))
    assert "switched off the initializer guard" in warning
    assert world.nb.value("honoured") == 10.0


@pytest.mark.parametrize("world", ["ref"], indirect=True)
def test_a_fault_in_a_command_is_one_line(world: World) -> None:
    world.break_and_load("variables.values:write")
    world.run(BUILD)
    world.run(TRAIN)
    outcome = world.nb.run("%tfsession set v 3.0")
    assert outcome.stderr == "UsageError: %tfsession set failed: RuntimeError: injected\n"


@pytest.mark.parametrize("world", ["ref"], indirect=True)
def test_completion_falls_silent(world: World) -> None:
    world.break_and_load("magics:TFSessionMagics._complete")
    assert not any(match.startswith("reset") for match in world.nb.complete("%tfsession re"))
    assert "sum" in world.nb.complete("su")
    assert INJECTED in world.nb.run("%tfsession doctor").text


@pytest.mark.parametrize("world", ["ref"], indirect=True)
def test_imports_are_left_as_they_are(world: World) -> None:
    world.break_and_load("compat.imports:_Rewriter.visit_Import")
    world.run("%tfsession compat on")
    (warning,) = warnings_in(world.run("import tensorflow as plain"))
    assert warning.startswith("jupyter_tfsession switched off TensorFlow 1 imports in cells")
    assert world.nb.value("plain.__name__, plain.__version__[:2]") == ("tensorflow", "2.")
    assert warnings_in(world.run("import tensorflow as again")) == []


@pytest.mark.parametrize("world", ["ref"], indirect=True)
@pytest.mark.parametrize(
    "path",
    [
        "sessions.plans:PlanCache.find",
        "sessions.guard:InitializerGuard._judge",
        "sessions.registry:Registry._open_managed",
    ],
)
def test_an_interrupt_is_never_swallowed(world: World, path: str) -> None:
    world.break_and_load(path, error="KeyboardInterrupt")
    outcomes = [world.nb.run(source.format(**world.blanks)) for source in (BUILD, TRAIN)]
    assert outcomes[1].error.ename == "KeyboardInterrupt"
    world.mend()
    assert warnings_in(world.run(TRAIN)) == []
    assert world.nb.value("trained") == 70.0


def test_a_broken_import_hook_lets_tensorflow_in(fresh_notebook: Callable[..., Notebook]) -> None:
    world = World(fresh_notebook(), {})
    world.break_and_load("tf_internals:session_classes")
    outcome = world.run("import tensorflow.compat.v1 as tf; sess = tf.Session()")
    (warning,) = warnings_in(outcome)
    assert warning.startswith("jupyter_tfsession switched off one session per graph")
    assert world.nb.value("type(sess).__mro__[1].__name__") == "BaseSession"
