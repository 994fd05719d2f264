"""Snapshots: taking, listing, restoring and comparing them in a notebook."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from guarding import World, world_of
from keeping import keep_in, kept, one, refused, rows

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Kernels
    from notebook import Notebook

__all__ = ["kept", "one"]

EVERY_DTYPE = """
names = ("bool int8 uint8 int16 uint16 int32 uint32 int64 uint64 float16 float32 float64 bfloat16 "
         "complex64 complex128 float8_e5m2 float8_e4m3fn int4 uint4").split()
before = {}
for name in names:
    dtype = getattr(tf, name, None) or getattr(tf.dtypes.experimental, name)
    before[name] = (np.arange(6).reshape(2, 3) % 2).astype(dtype.as_numpy_dtype)
before["string"] = np.array([b"a", b"", b"\\xff\\0<b>"], object)
before["empty"] = np.zeros((0, 3), np.float32)
before["rankless"] = np.array([[1.0, np.nan, -np.inf]], np.float32)
every = {
    name: tf.get_variable("of_" + name, initializer=tf.constant(np.zeros_like(value)),
                          use_resource=True, validate_shape=name != "rankless")
    for name, value in before.items() if name != "string"
}
every["string"] = tf.get_variable("of_string", initializer=["", "", ""])
sess.run([x.initializer for x in every.values()])
for name, value in before.items():
    every[name].load(value, sess)
"""
DIFFERING = """[
    name for name, value in sess.run(every).items()
    if not (np.asarray(value).tolist() == before[name].tolist() if name == "string"
            else np.asarray(value).tobytes() == before[name].tobytes())
]"""


def test_restore_brings_the_values_back_with_no_operation_added(kept: World) -> None:
    before = kept.operations()
    said = kept.run("%tfsession snapshot best").text
    assert said == (
        "kept 1 variable of graph-1 (4 B) as best; %tfsession restore best brings them back"
    )
    kept.run("sess.run(add)")
    said = kept.run("%tfsession restore best").text
    assert said.startswith("restored 1 variable of graph-1 from best, 20")
    assert said.endswith("; %tfsession undo brings the old values back")
    assert kept.number() == 3.0
    assert kept.operations() == before


def test_restore_can_be_undone_and_done_again(kept: World) -> None:
    kept.run("%tfsession snapshot best")
    kept.run("sess.run(add)")
    kept.run("%tfsession restore best")
    assert kept.run("%tfsession undo").text.startswith("undo of restore best: 1 variable")
    assert kept.number() == 4.0
    kept.run("%tfsession redo")
    assert kept.number() == 3.0


def test_a_finalized_graph(kept: World) -> None:
    kept.run("g.finalize()")
    before = kept.operations()
    for source in (
        "%tfsession snapshot best",
        "sess.run(add)",
        "%tfsession restore best --dry-run",
        "%tfsession diff best",
        "%tfsession restore best",
        "%tfsession snapshots",
    ):
        kept.run(source)
    assert kept.number() == 3.0
    assert kept.operations() == before


def test_every_dtype_bit_for_bit(one: World) -> None:
    one.run(EVERY_DTYPE)
    assert one.value(DIFFERING) == []
    one.run("%tfsession snapshot")
    one.run("%tfsession reset")
    assert len(one.value(DIFFERING)) == 21  # all but the empty one
    assert one.run("%tfsession restore snapshot").text.startswith("restored 23 variables")
    assert one.value(DIFFERING) == []


def test_a_value_of_another_shape_than_declared_is_kept_but_does_not_fit(one: World) -> None:
    one.run("u = tf.Variable(tf.zeros([2]), name='u', use_resource=False)\n"
            "sess.run(tf.assign(u, [1.0, 2.0, 3.0], validate_shape=False))")  # fmt: skip
    assert one.run("%tfsession snapshot odd").text.startswith("kept 2 variables")
    assert "u: shape (2,) in the graph, (3,) in the snapshot" in refused(
        one, "%tfsession restore odd"
    )


@pytest.mark.parametrize("mode", ["graph", "eager"])
def test_every_mode(kernels: Kernels, tmp_path: Path, mode: str) -> None:
    world = keep_in(world_of(kernels, mode, resource=True), tmp_path / "snapshots")
    world.start()
    world.run("%tfsession snapshot best")
    world.run("sess.run(add)")
    world.run("%tfsession restore best --graph graph-1")
    assert world.number() == 3.0


def test_uninitialized_variables_are_left_out_and_stay_so(one: World) -> None:
    one.run("with g.as_default(): u = tf.get_variable('u', initializer=5.0)")
    assert one.run("%tfsession snapshot best").text.startswith("kept 1 variable of")
    said = one.run("%tfsession restore best").text
    assert "(1 of the graph not in it)" in said
    assert "u     float32" in one.run("%tfsession vars").text
    assert one.run("%tfsession vars").text.endswith("1 of 2 initialized, 4 B")


def test_nothing_to_keep(nb: Notebook, tmp_path: Path) -> None:
    world = keep_in(World(nb, ""), tmp_path / "snapshots")
    assert refused(world, "%tfsession snapshot") == (
        "no sessions yet: tf.compat.v1.Session() opens one"
    )
    world.run("v = tf.get_variable('v', initializer=1.0); sess = tf.Session()")
    assert refused(world, "%tfsession snapshot") == (
        "no variable of graph-1 holds a value: there is nothing to keep"
    )
    assert not (tmp_path / "snapshots" / "x").exists()
    assert "no snapshots yet" in world.run("%tfsession snapshots").text


def test_the_list_tells_when_where_and_how_much(one: World) -> None:
    one.run("%tfsession snapshot first")
    one.run("# a comment\nsess.run(add)\n%tfsession snapshot best")
    one.run("%tfsession snapshot first")
    lines = rows(one.run("%tfsession snapshots").text)
    assert [line[0] for line in lines] == ["first", "best", "first~1"]
    assert lines[1][2].startswith("[")
    assert lines[1][3] == "sess.run(add)"
    assert lines[1][4:] == ["graph-1", "4", "1", "4 B"]


def test_the_one_before(one: World) -> None:
    for _ in range(3):
        one.run("%tfsession snapshot best")
        one.run("sess.run(add)")
    for reference, number in (("best~2", 3.0), ("best", 5.0), ("best~1", 4.0), ("last", 5.0)):
        one.run(f"%tfsession restore {reference}")
        assert one.number() == number
    assert refused(one, "%tfsession restore best~7").endswith("did you mean 'best~2'?")


def test_a_closed_session_is_kept_and_restored(kept: World) -> None:
    kept.run("%tfsession close")
    kept.run("%tfsession snapshot best")
    assert kept.value("sess._closed")
    kept.run("%tfsession set v 9")
    kept.run("%tfsession close --discard")
    kept.run("%tfsession restore best")
    assert kept.number() == 3.0


DRIFTED = """
with g.as_default():
    kernel = tf.get_variable("dense/kernel", initializer=[1.0, 2.0])
    bias = tf.get_variable("dense/bias", initializer=[0, 0])
    shape = tf.get_variable("shape", initializer=[1.0, 2.0])
sess.run([kernel.initializer, bias.initializer, shape.initializer])
%tfsession snapshot before
h = tf.Graph()
with h.as_default():
    v = tf.get_variable("v", initializer=0.0)
    kernel = tf.get_variable("dense_1/kernel", initializer=[0.0, 0.0])
    bias = tf.get_variable("dense/bias", initializer=[0.5, 0.5])
    shape = tf.get_variable("shape", initializer=[1.0, 2.0, 3.0])
    new = tf.get_variable("new", initializer=8.0)
    sess = tf.Session()
    sess.run(tf.global_variables_initializer())
    operations = len(h.get_operations())
"""


def test_what_does_not_fit_restores_nothing_and_is_explained(one: World) -> None:
    one.run(DRIFTED)
    plan = one.run("%tfsession restore before --dry-run --graph graph-2").text
    assert plan.splitlines()[0] == ("what restoring before into graph-2 would do; nothing was done")
    assert rows(plan) == [
        ["v", "v", "matches"],
        ["dense/bias", "does not fit: float32 in the graph, int32 in the snapshot"],
        ["shape", "does not fit: shape (3,) in the graph, (2,) in the snapshot"],
        ["dense/kernel", "has no place (dense_1/kernel may be meant)"],
        ["dense_1/kernel", "keeps what it holds"],
        ["new", "keeps what it holds"],
    ]
    assert plan.splitlines()[-1] == (
        "1 match, 2 do not fit, 1 have no place, 2 of the graph keep what they hold"
    )
    assert refused(one, "%tfsession restore before --graph graph-2") == (
        "before does not fit graph-2, and nothing was restored: dense/bias: float32 in the graph, "
        "int32 in the snapshot; shape: shape (3,) in the graph, (2,) in the snapshot; no place for "
        "dense/kernel (dense_1/kernel may be meant). --dry-run shows all, --rename OLD=NEW gives a "
        "place, --partial restores the 1 that fit"
    )
    assert one.value("[float(x.sum()) for x in sess.run([v, new, kernel])]") == [0.0, 8.0, 0.0]
    assert one.value("len(h.get_operations()) == operations")


def test_names_that_drifted_and_a_part(one: World) -> None:
    one.run(DRIFTED)
    said = one.run(
        "%tfsession restore before --graph graph-2 --rename dense/kernel=dense_1/kernel --partial"
    ).text
    assert "(dense/kernel as dense_1/kernel, 2 of the snapshot left out, 1 of the graph" in said
    assert one.value("[x.tolist() for x in sess.run([v, kernel, new])]") == [3.0, [1.0, 2.0], 8.0]
    one.run("%tfsession undo --graph graph-2")
    assert one.value("[x.tolist() for x in sess.run([v, kernel, new])]") == [0.0, [0.0, 0.0], 8.0]


def test_a_rename_that_is_wrong(one: World) -> None:
    one.run("%tfsession snapshot best")
    one.run("sess.run(add)")
    for rename, says in (
        ("vv=v", "there is no variable of best 'vv'; did you mean 'v'?"),
        ("v=w", "there is no variable 'w'; there is v"),
        ("v", "--rename takes OLD=NEW, not 'v'"),
        ("=v", "--rename takes OLD=NEW, not '=v'"),
    ):
        assert refused(one, f"%tfsession restore best --rename {rename}") == says
    assert one.number() == 4.0


def test_before_the_graph_is_built(one: World) -> None:
    one.run("%tfsession snapshot best")
    one.run("tf.reset_default_graph()")
    assert refused(one, "%tfsession restore best") == (
        "nothing of best has a place in graph-2: run the cells that build the graph first; "
        "--dry-run shows the names on both sides"
    )


def test_hostile_names(one: World, tmp_path: Path) -> None:
    for name in ("../x", "/tmp/x", "x" * 10_000, "b\u0435st", "a/b", "last"):
        assert "the name of" in refused(one, f"%tfsession snapshot {name}")
    assert not (tmp_path / "snapshots").exists()


def test_a_damaged_snapshot_changes_nothing(one: World, tmp_path: Path) -> None:
    one.run("%tfsession snapshot best")
    one.run("sess.run(add)")
    (data,) = (tmp_path / "snapshots").glob("*/data.safetensors")
    whole = bytearray(data.read_bytes())
    whole[-1] ^= 1
    data.write_bytes(whole)
    assert refused(one, "%tfsession restore best").endswith(
        "the value of v does not have its checksum"
    )
    data.write_bytes(whole[:-1])
    assert "data.safetensors has" in refused(one, "%tfsession restore best")
    assert "damaged: data.safetensors has" in one.run("%tfsession snapshots").text
    assert one.number() == 4.0


def test_diff_tells_how_far_each_variable_moved(one: World) -> None:
    one.run("with g.as_default():\n"
            "    w = tf.get_variable('w', initializer=[3.0, 4.0])\n"
            "    s = tf.get_variable('s', initializer='a')\n"
            "sess.run([w.initializer, s.initializer])")  # fmt: skip
    one.run("%tfsession snapshot a")
    one.run("sess.run([w.assign([3.0, 9.0]), s.assign('b')])")
    text = one.run("%tfsession diff a").text
    assert text.splitlines()[0] == "from a to now"
    assert rows(text) == [["w", "5", "1", "5", "█" * 12], ["s", "1 elements changed"]]
    assert text.splitlines()[-1] == "1 did not change"
    one.run("%tfsession snapshot b")
    assert rows(one.run("%tfsession diff a b").text) == rows(text)
    one.run("%tfsession set w [7, np.nan]")
    assert rows(one.run("%tfsession diff b").text)[0][-1] == "1 NaN or Inf left out"
    assert "nothing has changed" in one.run("%tfsession diff a a").text
    assert refused(one, "%tfsession diff a c").startswith("there is no snapshot 'c'")


def test_a_retired_variable_is_left_out_and_its_name_is_the_new_ones(one: World) -> None:
    one.run("w = tf.get_variable('w', initializer=[1.0]); sess.run(w.initializer)", "edited")
    one.run("w = tf.get_variable('w', initializer=[1.0, 2.0]); sess.run(w.initializer)", "edited")
    assert one.value("w.op.name") != "w"
    one.run("%tfsession snapshot best")
    one.run("sess.run(w.assign([0.0, 0.0]))")
    assert "restored 2 variables of" in one.run("%tfsession restore best").text
    assert one.value("sess.run(w).tolist()") == [1.0, 2.0]


def test_an_initializer_keeps_what_was_restored(one: World) -> None:
    one.run("%tfsession snapshot best")
    one.run("%tfsession set v 50")
    one.run("%tfsession restore best")
    outcome = one.run("with tf.Session() as s:\n    s.run(init)\n    s.run(add)")
    assert any(text.startswith("kept 1 initialized variable") for text in outcome.notices)
    assert one.number() == 4.0
    one.run("%tfsession reset")
    one.run("with tf.Session() as s:\n    s.run(init)\n    s.run(add)", "another")
    assert one.number() == 2.0


COUNTERS = """
import threading
with g.as_default():
    many = [
        tf.get_variable(f"many_{i}", initializer=tf.zeros([2_000]), use_resource=True)
        for i in range(40)
    ]
    with tf.control_dependencies([tf.assign_add(one, tf.ones([2_000])) for one in many]):
        step = tf.no_op()
sess.run([one.initializer for one in many])
stop = threading.Event()

def train():
    while not stop.is_set():
        sess.run(step)

threads = [threading.Thread(target=train) for _ in range(2)]
for thread in threads:
    thread.start()
"""


def test_a_snapshot_is_one_moment_while_other_threads_train(one: World, tmp_path: Path) -> None:
    one.run(COUNTERS)
    try:
        for number in range(5):
            one.run(f"%tfsession snapshot n{number}")
    finally:
        one.run("stop.set(); [thread.join() for thread in threads]")
    from jupyter_tfsession.snapshots.store import Limits, Store

    store = Store(tmp_path / "snapshots", lambda: Limits(5, 2**30))
    counts = []
    for snapshot in store.snapshots():
        (count,) = {
            number
            for entry, value in snapshot.read()
            if entry.name.startswith("many")
            for number in value.tolist()
        }
        counts.append(count)
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


def test_a_restore_is_one_moment_while_other_threads_train(one: World) -> None:
    one.run(COUNTERS)
    one.run("%tfsession snapshot best")
    try:
        for _ in range(5):
            one.run("%tfsession restore best")
    finally:
        one.run("stop.set(); [thread.join() for thread in threads]")
    assert one.value("len(set(np.concatenate(sess.run(many)).tolist()))") == 1


SLOW = """
import threading
%config TFSession.snapshot_wait = 0.3
waiting, entered = threading.Event(), threading.Event()

def hold(x):
    entered.set()
    waiting.wait(30)
    return x

with g.as_default():
    slow = tf.assign_add(v, tf.py_func(hold, [1.0], tf.float32))
thread = threading.Thread(target=lambda: sess.run(slow))
thread.start()
entered.wait(30)
"""


def test_a_run_that_does_not_end_is_waited_for_no_longer_than_asked(one: World) -> None:
    one.run(SLOW)
    try:
        for source in ("%tfsession snapshot best", "%tfsession restore best"):
            one.run("%tfsession snapshots")
            if "restore" in source:
                one.run("waiting.set(); thread.join()")
                one.run("%tfsession snapshot best")
                one.run("waiting.clear(); entered.clear()")
                one.run("thread = threading.Thread(target=lambda: sess.run(slow)); thread.start()")
                one.run("entered.wait(30)")
            assert "has not ended after 0.3 s" in refused(one, source)
    finally:
        one.run("waiting.set(); thread.join()")
    assert one.number() == 5.0


def test_reads_are_not_waited_for(one: World) -> None:
    """A run that writes no variable, such as one that waits at a queue, is no matter."""
    one.run(SLOW.replace("tf.assign_add(v, tf.py_func(hold, [1.0], tf.float32))",
                         "tf.py_func(hold, [1.0], tf.float32)"))  # fmt: skip
    try:
        one.run("%tfsession snapshot best")
        assert one.value("thread.is_alive()")
    finally:
        one.run("waiting.set(); thread.join()")


def test_an_interrupted_snapshot_leaves_nothing(one: World, tmp_path: Path) -> None:
    one.run(SLOW.replace("snapshot_wait = 0.3", "snapshot_wait = 60"))
    one.nb.start("%tfsession snapshot best")
    time.sleep(0.5)
    one.nb.interrupt()
    outcome = one.nb.finish()
    one.run("waiting.set(); thread.join()")
    assert outcome.error is not None
    assert outcome.error.ename == "KeyboardInterrupt"
    assert list((tmp_path / "snapshots").iterdir()) == []
    one.run("%tfsession snapshot best")
    assert one.number() == 4.0


INTERRUPTED = """
import _thread
from jupyter_tfsession.sessions.live import LiveSession
plain = LiveSession.write

def write(self, written):
    LiveSession.write = plain
    _thread.interrupt_main()
    for _ in range(1000):
        pass
    return plain(self, written)

LiveSession.write = write
"""


def test_an_interrupted_restore_is_done_first(one: World) -> None:
    one.run("%tfsession snapshot best")
    one.run("sess.run(add)")
    one.run(INTERRUPTED)
    outcome = one.nb.run("%tfsession restore best")
    assert outcome.error is not None
    assert outcome.error.ename == "KeyboardInterrupt"
    assert one.number() == 3.0
    one.run("%tfsession undo")
    assert one.number() == 4.0


FAILING = """
from jupyter_tfsession.variables import values
plain = values.write

def write(run, pairs):
    pairs = list(pairs)
    plain(run, pairs[:1])
    values.write = plain
    raise tf.errors.ResourceExhaustedError(None, None, "no memory is left")

values.write = write
"""


def test_a_restore_that_fails_half_way_leaves_what_was_there(one: World) -> None:
    one.run("w = tf.get_variable('w', initializer=5.0); sess.run(w.initializer)")
    one.run("%tfsession snapshot best")
    one.run("sess.run([add, w.assign(6.0)])")
    one.run(FAILING)
    assert refused(one, "%tfsession restore best") == (
        "TensorFlow could not write the values, and nothing has changed: "
        "ResourceExhaustedError: no memory is left"
    )
    assert (one.number(), one.number("w")) == (4.0, 6.0)
    one.run("%tfsession restore best")
    assert (one.number(), one.number("w")) == (3.0, 5.0)


def test_from_python(one: World) -> None:
    one.run("import jupyter_tfsession as j")
    assert one.value("str(j.snapshot('best'))").startswith("kept 1 variable of graph-1")
    one.run("sess.run(add)")
    assert one.value("str(j.restore_plan('best'))").splitlines()[-1] == "1 match"
    assert one.value("len(j.diff('best').rows)") == 1
    assert one.value("str(j.restore('best', renames={'v': 'v'}))").startswith("restored 1 variable")
    assert one.value("len(j.snapshots().rows)") == 1
    assert one.number() == 3.0
    outcome = one.fail("j.restore('bset')")
    assert outcome.error is not None
    assert outcome.error.evalue == "there is no snapshot 'bset'; did you mean 'best'?"


def test_completion(one: World) -> None:
    one.run("%tfsession snapshot best")
    assert "best" in one.nb.complete("%tfsession restore ")
    assert "best" in one.nb.complete("%tfsession diff be")


def test_a_thread_that_waited_runs_in_the_session_that_is_there_then(one: World) -> None:
    """Where a snapshot finds what cannot be placed, it has the session opened anew."""
    one.run(COUNTERS)
    try:
        one.run(
            "with g.as_default(), tf.device('/job:worker/task:7'):\n    bad = tf.Variable(1.0)\n"
            "%tfsession snapshot best"
        )
        one.run("assert all(thread.is_alive() for thread in threads)")
    finally:
        one.run("stop.set(); [thread.join() for thread in threads]")
