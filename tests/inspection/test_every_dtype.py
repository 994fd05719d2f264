"""Every dtype that TensorFlow has can be listed and shown, if not always computed with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from notebook import Notebook

DTYPES = """
import jupyter_tfsession
sess, held = tf.Session(), []
for number in range(1, 100):
    try:
        dtype = tf.as_dtype(number)
    except TypeError:
        continue
    for resource in (True, False):
        name = f"{dtype.name}/{'resource' if resource else 'ref'}"
        if dtype in (tf.resource, tf.variant):
            made = tf.raw_ops.VarHandleOp if resource else tf.raw_ops.VariableV2
            made(dtype=dtype, shape=[9], name=name)
            continue
        if dtype.is_quantized:
            ones = tf.bitcast(tf.ones([9], tf.as_dtype(dtype.name[1:])), dtype)
        elif dtype == tf.string:
            ones = [b"\\xff\\x00<script>"] * 9
        else:
            ones = np.ones(9, dtype.as_numpy_dtype)
        variable = tf.get_variable(name, initializer=ones, dtype=dtype, use_resource=resource)
        try:
            sess.run(variable.initializer)
        except (tf.errors.InvalidArgumentError, tf.errors.NotFoundError):
            continue  # no kernel holds such a variable
        held.append(name)
tf.get_default_graph().finalize()
"""
EXPECTED = {
    "complex64": "|mean| 1, std 0, min 1, max 1",
    "complex128": "|mean| 1, std 0, min 1, max 1",
    "bool": "9 of 9 true",
    "string": "'\\xff\\x00<script>', " * 5 + "'\\xff\\x00<script>', and 3 more",
}
NUMBERS = "mean 1, std 0, min 1, max 1"
COMMON = ("bfloat16", "half", "int8", "qint8", "quint8", "uint64", "bool", "complex64", "string")


@pytest.fixture
def dtypes(nb: Notebook) -> Notebook:
    """Give a kernel with a finalized graph of variables of every dtype."""
    outcome = nb.run(DTYPES)
    assert outcome.ok, outcome.error
    return nb


def test_every_dtype_is_read_where_tensorflow_can_hold_it(dtypes: Notebook) -> None:
    held = dtypes.value("held")
    rows = {row[0]: row[4] for row in dtypes.value("jupyter_tfsession.variables().rows")}
    names = {name.replace("half", "float16") for name in held}
    assert {f"{dtype.replace('half', 'float16')}/resource" for dtype in COMMON} <= names
    assert any(name.startswith("float8") for name in held)
    assert any(name.startswith(("int4", "uint4")) for name in held)
    for name, value in rows.items():
        expected = EXPECTED.get(name.partition("/")[0], NUMBERS) if name in held else ""
        assert value == expected or (name not in held and "not initialized" in value), name


def test_every_dtype_can_be_shown_in_full(dtypes: Notebook) -> None:
    before = dtypes.operations()
    names = dtypes.value("[row[0] for row in jupyter_tfsession.variables().rows]")
    assert {"resource/resource", "variant/resource"} <= set(names)
    for name in names:
        assert dtypes.value(f"str(jupyter_tfsession.show({name!r}))").startswith(name)
        assert "<script" not in dtypes.value(f"jupyter_tfsession.show({name!r})._repr_html_()")
    assert dtypes.operations() == before
