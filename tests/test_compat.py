"""Cells written for TensorFlow 1 run unedited, and nothing but cells is affected."""

from __future__ import annotations

import ast
import builtins
import textwrap
from typing import TYPE_CHECKING, Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from jupyter_tfsession import compat
from jupyter_tfsession.compat import imports

if TYPE_CHECKING:
    from collections.abc import Callable

    from notebook import Notebook

# What `%tfsession compat on` does, without the extension.
COMPAT_ON = "from jupyter_tfsession import compat; compat.install(get_ipython())"
COMPAT_OFF = "from jupyter_tfsession import compat; compat.uninstall(get_ipython())"

TF1_CELL = """
import tensorflow as tf
v = tf.Variable(1.0)
up = tf.assign_add(v, 2.0)
x = tf.placeholder(tf.float32, [])
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    sess.run(up)
    result = float(sess.run(v * x, {x: 2.0}))
result
"""


# -- the syntax tree alone ----------------------------------------------------------------------


def rewritten(source: str) -> str:
    """Return the cell after the transformer, with the calls of helpers cut short."""
    tree = imports.TF1Imports().visit(ast.parse(textwrap.dedent(source)))
    text = ast.unparse(ast.fix_missing_locations(tree))
    return text.replace("__import__('jupyter_tfsession.compat.api', fromlist=['_']).", "compat.")


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "import tensorflow_datasets as tfds",
        "import tensorflow.compat.v1 as tf",
        "import tensorflow.compat.v2 as tf",
        "from tensorflow.compat import v1 as tf",
        "from tensorflow.compat.v1 import Session",
        "from tensorflow.python.framework import ops",
        "import tensorflow.python.framework.ops",
        "from tensorflow.examples.tutorials.mnist import input_data",
        "import tensorflow.contrib.slim as slim",
        "from tensorflow.contrib import slim",
        "from tensorflow.core.framework import graph_pb2",
        "from . import tensorflow",
        "from .tensorflow import nn",
        "from .. import x",
        "x = tensorflow",
        "x = 'import tensorflow as tf'",
    ],
)
def test_untouched(source: str) -> None:
    tree = ast.parse(source)
    assert imports.TF1Imports().visit(tree) is tree
    assert ast.unparse(tree) == source


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("import tensorflow", "import tensorflow.compat.v1 as tensorflow"),
        ("import tensorflow as tf", "import tensorflow.compat.v1 as tf"),
        (
            "import os, tensorflow as tf, tensorflow.contrib.slim as slim",
            "import os\nimport tensorflow.compat.v1 as tf\nimport tensorflow.contrib.slim as slim",
        ),
        (
            "from tensorflow import Session",
            (
                "if compat.has('Session'):\n"
                "    Session = compat.get('Session')\n"
                "else:\n"
                "    from tensorflow import Session"
            ),
        ),
        (
            "from tensorflow.nn import relu as r",
            (
                "if compat.has('nn.relu'):\n"
                "    r = compat.get('nn.relu')\n"
                "else:\n"
                "    from tensorflow.nn import relu as r"
            ),
        ),
        (
            "import tensorflow.keras.layers as L",
            (
                "if compat.has('keras.layers'):\n"
                "    L = compat.get('keras.layers')\n"
                "else:\n"
                "    import tensorflow.keras.layers as L"
            ),
        ),
        (
            "import tensorflow.keras",
            (
                "if not compat.has('keras'):\n"
                "    import tensorflow.keras\n"
                "import tensorflow.compat.v1 as tensorflow"
            ),
        ),
        ("from tensorflow import *", "from tensorflow.compat.v1 import *"),
        ("from tensorflow.nn import *", "from tensorflow.nn import *"),
    ],
)
def test_rewritten(source: str, result: str) -> None:
    assert rewritten(source) == f"compat.prepare()\n{result}"


def test_imports_inside_other_statements() -> None:
    source = """
    def build():
        import tensorflow as tf
    class Model:
        async def run(self):
            try:
                import tensorflow as tf
            except ImportError:
                import tensorflow
            finally:
                with a: import tensorflow as tf2
    """
    text = rewritten(source)
    assert text.count("compat.prepare()") == 4
    assert text.count("import tensorflow.compat.v1 as tf") == 3
    assert text.count("import tensorflow.compat.v1 as tensorflow") == 1


def test_positions_are_those_of_the_import() -> None:
    source = "\n\nif 1:\n    from tensorflow import (Session,\n        Variable)\n    x = 1\n"
    tree = imports.TF1Imports().visit(ast.parse(source))
    compile(tree, "cell", "exec")  # nothing is without a position
    block = tree.body[0].body
    assert [(node.lineno, node.col_offset, node.end_lineno) for node in block[:-1]] == [
        (4, 4, 5)
    ] * 3
    assert block[-1].lineno == 6
    inner = {
        vars(node)["lineno"]
        for part in block[:-1]
        for node in ast.walk(part)
        if "lineno" in vars(node)
    }
    assert inner <= {4, 5}


def test_the_tree_itself_is_not_changed() -> None:
    tree = ast.parse("import tensorflow as tf")
    before = ast.dump(tree)
    assert imports.TF1Imports().visit(tree) is not tree
    assert ast.dump(tree) == before


def test_a_failure_leaves_the_cell_as_it_was(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise KeyError

    monkeypatch.setattr(imports, "_placed", fail)
    tree = ast.parse("import tensorflow as tf")
    assert imports.TF1Imports().visit(tree) is tree
    assert "not rewritten" in caplog.text


def test_installing_twice_and_uninstalling_twice() -> None:
    importer = builtins.__import__
    other = ast.NodeTransformer()
    shell: Any = InteractiveShell()
    shell.ast_transformers[:] = [other]
    transformers = shell.ast_transformers
    assert not compat.is_installed(shell)
    compat.install(shell)
    compat.install(shell)
    assert compat.is_installed(shell)
    assert len(transformers) == 2
    compat.uninstall(shell)
    compat.uninstall(shell)
    assert transformers == [other]
    assert shell.ast_transformers is transformers
    assert builtins.__import__ is importer


# -- in kernels: importing and switching are the whole process's --------------------------------


def test_tf1_cells_run_unedited(fresh_notebook: Callable[..., Notebook]) -> None:
    nb = fresh_notebook()
    nb.execute_silently(COMPAT_ON)
    assert nb.value("'tensorflow' in __import__('sys').modules") is False
    first = nb.run(TF1_CELL)
    assert first.ok, first.error
    assert (first.text, first.stderr) == ("6.0", "")
    assert nb.run(TF1_CELL).text == "6.0"
    assert nb.value("[name for name in globals() if 'compat' in name]") == ["compat"]
    cells = {
        "import tensorflow\ntensorflow.__name__": "'tensorflow.compat.v1'",
        "import tensorflow.keras\ntensorflow.__name__": "'tensorflow.compat.v1'",
        "from tensorflow import Session as S, nn\nS is tf.Session, nn is tf.nn": "(True, True)",
        "from tensorflow.nn import relu\nrelu is tf.nn.relu": "True",
        "from tensorflow import keras\nkeras.layers.Dense.__name__": "'Dense'",
        "from tensorflow.keras.layers import Dense\nDense.__name__": "'Dense'",
        "from tensorflow import autodiff\nautodiff.__name__.rpartition('.')[2]": "'autodiff'",
        "from tensorflow.python.framework import ops\nops.__name__": (
            "'tensorflow.python.framework.ops'"
        ),
        "%%time\nimport tensorflow as t\nt.__name__": "'tensorflow.compat.v1'",
        "def f():\n    import tensorflow as g\n    return g.__name__\nf()": (
            "'tensorflow.compat.v1'"
        ),
        "from tensorflow import *\nplaceholder is tf.placeholder": "True",
    }
    for source, text in cells.items():
        outcome = nb.run(source)
        assert outcome.text == text, (source, outcome)
    assert nb.value("tf.executing_eagerly()") is False


def test_errors_are_tensorflows_own(fresh_notebook: Callable[..., Notebook]) -> None:
    nb = fresh_notebook()
    nb.execute_silently(COMPAT_ON)
    for source, message in {
        "x = 1\nfrom tensorflow.examples.tutorials.mnist import input_data": (
            "No module named 'tensorflow.examples'"
        ),
        "x = 1\nimport tensorflow.contrib.slim as slim": "No module named 'tensorflow.contrib'",
        "x = 1\nfrom tensorflow import contrib": "cannot import name 'contrib' from 'tensorflow'",
        "x = 1\nfrom tensorflow.nn import relu, no_such": (
            "cannot import name 'no_such' from 'tensorflow.nn'"
        ),
        "x = 1\nimport tensorflow.no_such": "No module named 'tensorflow.no_such'",
    }.items():
        outcome = nb.run(source)
        assert outcome.error is not None
        assert message in outcome.error.evalue
        assert f"----> 2 {source.splitlines()[1]}" in outcome.error.traceback
        assert "jupyter_tfsession" not in outcome.error.traceback
        assert "another exception" not in outcome.error.traceback


def test_without_tensorflow_the_error_is_pythons(
    fresh_notebook: Callable[..., Notebook],
) -> None:
    nb = fresh_notebook()
    nb.execute_silently(f"{COMPAT_ON}; import sys; sys.modules['tensorflow'] = None")
    for source in ("import tensorflow as tf", "from tensorflow import nn"):
        outcome = nb.run(source)
        assert outcome.error is not None
        assert outcome.error.ename == "ModuleNotFoundError"
        assert "jupyter_tfsession" not in outcome.error.traceback


def test_libraries_keep_the_tf2_api(fresh_notebook: Callable[..., Notebook]) -> None:
    nb = fresh_notebook()
    (nb.directory / "library.py").write_text("import tensorflow as tf\nfrom tensorflow import nn\n")
    nb.execute_silently(COMPAT_ON)
    assert nb.run("import library\nimport tensorflow as tf\nlibrary.tf.__name__").text == (
        "'tensorflow'"
    )
    assert nb.value("tf is library.tf or library.nn is tf.nn") is False
    assert nb.value("hasattr(library.tf, 'placeholder')") is False


def test_on_after_eager_operations_and_off_again(
    fresh_notebook: Callable[..., Notebook],
) -> None:
    nb = fresh_notebook()
    assert nb.run("import tensorflow as tf\nold = tf.constant(1) + 1\nv = tf.Variable(1.0)").ok
    nb.execute_silently(COMPAT_ON)
    assert nb.value("tf.executing_eagerly()") is True  # until a cell imports TensorFlow again
    nb.run("def later():\n    import tensorflow as tf\n    return tf.executing_eagerly()")
    assert nb.run(TF1_CELL).text == "6.0"
    switch_back = "compat.switch_v2_behavior_back()"
    nb.execute_silently(COMPAT_OFF)
    refused = nb.run(switch_back)
    assert refused.error is not None
    assert refused.error.ename == "UserError"
    assert "tf.reset_default_graph()" in refused.error.evalue
    assert nb.value("tf.executing_eagerly(), tf.control_flow_v2_enabled()") == (False, False)
    assert nb.run(f"tf.reset_default_graph()\n{switch_back}").text == "True"
    assert nb.run("import tensorflow as tf\ntf.__name__, int(tf.constant(1) + 1)").text == (
        "('tensorflow', 2)"
    )
    assert nb.run(switch_back).text == "False"
    # A function compiled while compat was on does not switch anything any more.
    assert nb.run("later()").text == "True"


def test_what_the_notebook_switches_on_stays_on_when_it_imports_once_more(
    fresh_notebook: Callable[..., Notebook],
) -> None:
    nb = fresh_notebook()
    nb.execute_silently(COMPAT_ON)
    nb.run("import tensorflow as tf\ntf.enable_eager_execution()\na = tf.constant(2.0)")
    nb.run("import tensorflow as tf")
    assert nb.run("float(a * a)").text == "4.0"
    nb.execute_silently(f"{COMPAT_OFF}\ncompat.switch_v2_behavior_back()\n{COMPAT_ON}")
    nb.run("import tensorflow as tf")
    assert nb.run("tf.executing_eagerly()").text == "False"


def test_too_late_while_a_graph_is_entered(fresh_notebook: Callable[..., Notebook]) -> None:
    nb = fresh_notebook()
    nb.run("import tensorflow.compat.v1 as v1\nscope = v1.Graph().as_default()\nscope.__enter__()")
    nb.execute_silently(COMPAT_ON)
    outcome = nb.run("x = 1\nimport tensorflow as tf")
    assert outcome.error is not None
    assert outcome.error.ename == "UserError"
    assert "inside a `graph.as_default()`" in outcome.error.evalue
    assert "\n" not in outcome.error.evalue
    assert "----> 2 import tensorflow as tf" in outcome.error.traceback
    nb.run("scope.__exit__(None, None, None)")
    assert nb.run("import tensorflow as tf\ntf.executing_eagerly()").text == "False"


def test_what_the_notebook_switched_off_stays_off(
    fresh_notebook: Callable[..., Notebook],
) -> None:
    nb = fresh_notebook()
    nb.run("import tensorflow.compat.v1 as tf\ntf.disable_v2_behavior()")
    nb.execute_silently(COMPAT_ON)
    assert nb.run(TF1_CELL).text == "6.0"
    assert nb.run("compat.switch_v2_behavior_back()").text == "False"
    assert nb.value("tf.executing_eagerly()") is False


def test_graph_mode_cannot_go_back_in_part(fresh_notebook: Callable[..., Notebook]) -> None:
    nb = fresh_notebook()
    nb.run("import tensorflow.compat.v1 as tf\ntf.disable_eager_execution()")
    nb.execute_silently(COMPAT_ON)
    assert nb.run(TF1_CELL).text == "6.0"
    outcome = nb.run("compat.switch_v2_behavior_back()")
    assert outcome.error is not None
    assert "restart the kernel" in outcome.error.evalue


def test_on_in_the_cell_that_imports(fresh_notebook: Callable[..., Notebook]) -> None:
    nb = fresh_notebook()
    outcome = nb.run(
        "%load_ext jupyter_tfsession\n"
        "%tfsession compat on\n"
        "import tensorflow as tf, tensorflow.nn as nn\n"
        "from tensorflow import assign_add, keras\n"
        "print(tf.__name__, tf.executing_eagerly(), nn.relu(tf.constant(-1.0)).graph is not None)"
    )
    assert outcome.ok, outcome.error
    assert outcome.stdout == "tensorflow.compat.v1 False True\n"
    assert nb.value("type(__import__).__name__") == "builtin_function_or_method"
