"""Looking at variables: every kind of them, at no operation's cost, and big ones unfetched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from notebook import Notebook

KINDS = """
import ml_dtypes
def of(name, value, dtype=None, **more):
    return tf.get_variable(name, initializer=tf.constant(value, dtype), use_resource=True, **more)
float32 = of("float32", [1.0, 2.0])
for name in ("float16", "bfloat16", "float64", "int8", "int16", "int32", "int64", "uint8",
             "uint16", "uint32", "uint64", "complex64", "complex128", "float8_e5m2",
             "float8_e4m3fn", "int4", "uint4"):
    kind = getattr(tf, name, None) or getattr(tf.dtypes, "experimental").__dict__.get(name)
    if kind is not None:
        ones = np.ones(9, kind.as_numpy_dtype)
        tf.get_variable(name, initializer=ones, dtype=kind, use_resource=True)
of("bool", [True] * 5 + [False] * 4)
of("string", [b"<script>alert(1)</script>", b"\\xff\\x00\\n", b"y" * 10**6])
of("scalar", 4.0)
tf.get_variable("empty", initializer=np.zeros((0, 3), np.float32), use_resource=True)
of("bad", [np.nan, np.inf, -np.inf, 0.0, 1.0, 2.0, 3.0])
tf.get_variable("loose", initializer=tf.placeholder_with_default([1.0, 2.0], None),
                validate_shape=False, use_resource=True)
tf.get_variable("reference", initializer=[5.0], use_resource=False)
tf.get_variable("qint8", initializer=tf.cast(tf.ones([9], tf.int32), tf.int8), use_resource=True)
never = tf.get_variable("never", initializer=1.0, use_resource=True)
long = "x" * 5000
for name in ("../x", ".hid", "..", "a//b", "A", "a", long):
    with tf.variable_scope(tf.get_variable_scope()):
        tf.Variable(1.0, name=name)
sess = tf.Session()
sess.run([v.initializer for v in tf.global_variables() if v is not never])
tf.get_default_graph().finalize()
import jupyter_tfsession
"""
EVERY = """
import jupyter_tfsession.extension
_x = jupyter_tfsession.extension.loaded()
_live = _x.registry.sessions()[-1]
"""


@pytest.fixture
def kinds(nb: Notebook) -> Notebook:
    """Give a kernel with a finalized graph of variables of every kind."""
    outcome = nb.run(KINDS)
    assert outcome.ok, outcome.error.traceback
    nb.execute_silently(EVERY)
    return nb


def lines(nb: Notebook) -> dict[str, list[str]]:
    """Return the rows of ``vars`` by name."""
    rows = nb.value("jupyter_tfsession.variables().rows")
    return {row[0]: list(row) for row in rows}


def test_every_kind_of_value_is_shown(kinds: Notebook) -> None:
    shown = lines(kinds)
    values = {name: row[4] for name, row in shown.items()}
    assert values["scalar"] == "4.0"
    assert values["empty"] == "empty"
    assert values["bad"] == "mean 1.5, std 1.118, min 0, max 3, 1 NaN!, 2 Inf!, 1 zeros"
    assert values["loose"] == "[1., 2.]"
    assert values["reference"] == "[5.]"
    assert values["never"] == "not initialized"
    assert values["bool"] == "5 of 9 true"
    assert values["string"].startswith("'<script>alert(1)</script>', '\\xff\\x00\\n', 'yyy")
    assert len(values["string"]) < 200
    for name in ("bfloat16", "float64", "int64", "uint8", "qint8", "int4", "float8_e5m2"):
        if name in values:
            assert values[name] == "mean 1, std 0, min 1, max 1", name
    assert values["complex64"] == "|mean| 1, std 0, min 1, max 1"
    assert not [name for name, value in values.items() if "not readable" in value]


def test_html_in_values_is_text(kinds: Notebook) -> None:
    for source in ("jupyter_tfsession.variables()", "jupyter_tfsession.show('string')"):
        html = kinds.value(f"{source}._repr_html_()")
        assert "<script" not in html
        assert "&lt;script&gt;" in html


def test_every_variable_can_be_shown_in_full(kinds: Notebook) -> None:
    names = kinds.value("list(_live.plans.catalogue.records)")
    assert {"../x", ".hid", "..", "a//b", "A", "a_1", "x" * 5000} <= set(names)
    for name in names:
        text = kinds.value(f"str(jupyter_tfsession.show({name!r}))")
        assert text.startswith(name[:100])
        assert kinds.value(f"len(jupyter_tfsession.show({name!r})._repr_html_())") < 100_000


def test_looking_adds_no_operation(kinds: Notebook) -> None:
    before = kinds.operations()
    for source in (
        "jupyter_tfsession.variables()",
        "jupyter_tfsession.devices()",
        "jupyter_tfsession.sessions()",
        "jupyter_tfsession.show('bad')",
        "jupyter_tfsession.watch()._repr_mimebundle_()",
        "jupyter_tfsession.watch('a*').snapshot",
        "_x.inspector.read(_live, list(_live.plans.catalogue.records.values()), exact=False)",
    ):
        kinds.execute_silently(source)
        assert kinds.operations() == before, source


BIG = """
import resource
big = tf.get_variable("big", initializer=tf.random.normal([2 * 10**7], seed=1), use_resource=True)
sess = tf.Session()
sess.run(big.initializer)
sess.run(big.assign_add(tf.ones([2 * 10**7])).op)
import jupyter_tfsession
from jupyter_tfsession.variables import values as _values
%config TFSession.preview_bytes = 1000000
"""


def test_what_is_too_big_is_summarized_where_it_is(nb: Notebook) -> None:
    outcome = nb.run(BIG)
    assert outcome.ok, outcome.error
    before = nb.operations()
    nb.execute_silently(
        "_fetched = []\n"
        "_plain = tf.Session.original if hasattr(tf.Session, 'original') else tf.Session\n"
        "_was = _plain._call_tf_sessionrun\n"
        "def _spy(self, options, feeds, fetches, targets, metadata):\n"
        "    result = _was(self, options, feeds, fetches, targets, metadata)\n"
        "    _fetched.extend(np.asarray(item).nbytes for item in result or ())\n"
        "    return result\n"
        "_plain._call_tf_sessionrun = _spy"
    )
    try:
        facts = dict(nb.value("jupyter_tfsession.show('big').facts.rows"))
        row = nb.value("jupyter_tfsession.variables().rows[0]")
    finally:
        nb.execute_silently("_plain._call_tf_sessionrun = _was")
    assert facts["value"].startswith("mean 1")
    assert "std 0.9999" in facts["value"]
    assert row[4] == facts["value"]
    assert nb.value("sum(_fetched)") < 100_000
    assert nb.operations() == before


def test_reading_survives_a_session_that_is_closed(kinds: Notebook) -> None:
    kinds.run("sess.close()")
    values = {name: row[4] for name, row in lines(kinds).items()}
    assert values["scalar"] == "4.0"
    assert values["never"] == "not initialized"
    assert kinds.value("_live.is_open") is False


def test_who_wrote_is_told(nb: Notebook) -> None:
    nb.run("v = tf.get_variable('v', initializer=1.0); up = v.assign_add(1.0).op")
    nb.run("sess = tf.Session(); sess.run(v.initializer)")
    nb.run("for _ in range(5): sess.run(up)\nimport jupyter_tfsession")
    assert lines(nb)["v"][-1] == "[3], run 6"


def test_another_device_than_asked_for_is_told(nb: Notebook) -> None:
    nb.run(
        "with tf.device('/gpu:3'): v = tf.get_variable('v', initializer=1.0)\n"
        "with tf.device('/cpu:1'): w = tf.get_variable('w', initializer=1.0)\n"
        "sess = tf.Session(config=tf.ConfigProto(device_count={'CPU': 2}, "
        "allow_soft_placement=True))\n"
        "sess.run(tf.global_variables_initializer())\nimport jupyter_tfsession"
    )
    shown = lines(nb)
    assert (shown["v"][6], shown["w"][6]) == ("CPU:0 (not GPU:3)", "CPU:1")
    rows = nb.value("jupyter_tfsession.devices().rows")
    assert [(row[0][-5:], row[2], row[4]) for row in rows] == [
        ("CPU:0", "1", "1"),
        ("CPU:1", "1", ""),
    ]


MANY = """
for i in range(10_000):
    tf.get_variable(f"scope{i % 40}/v{i}", initializer=float(i), use_resource=True)
sess = tf.Session()
sess.run(tf.global_variables_initializer())
import jupyter_tfsession
"""


def test_ten_thousand_variables(nb: Notebook) -> None:
    outcome = nb.run(MANY, timeout=300)
    assert outcome.ok, outcome.error
    nb.execute_silently(EVERY)
    before = nb.operations()
    nb.execute_silently(
        "_records = list(_live.plans.catalogue.records.values())\n"
        "_read = _x.inspector.read(_live, _records[7_000:7_050], exact=False)"
    )
    read: list[Any] = nb.value("[(r.record.name, r.point) for r in _read]")
    assert read[0] == ("scope0/v7000", 7000.0)
    assert len(read) == 50
    assert nb.operations() == before
    table = nb.value(
        "[len(t.rows) for t in [jupyter_tfsession.variables('scope1/*')]]", timeout=300
    )
    assert table == [250]
