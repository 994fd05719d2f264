"""Loading, in whatever order and place; unloading leaves no trace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from kernel_process import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Kernels
    from notebook import Notebook

LOAD = "%load_ext jupyter_tfsession"
UNLOAD = "%unload_ext jupyter_tfsession"
MANAGED = "'jupyter_tfsession' in repr({})"

# Every way to get hold of a session class; each leaves it in `Session`.
SPELLINGS = [
    "import tensorflow as tf; Session = tf.compat.v1.Session",
    "import tensorflow.compat.v1 as tf; Session = tf.Session",
    "from tensorflow.compat import v1; Session = v1.Session",
    "from tensorflow.compat.v1 import Session, InteractiveSession",
    "import importlib; Session = importlib.import_module('tensorflow.compat.v1').Session",
    "import tensorflow as tf; Session = tf.compat.v2.compat.v1.Session",
    "import tensorflow as tf; Session = tf.compat.v1.compat.v1.Session",
    "from tensorflow import compat; Session = compat.v1.Session",
]
INTERACTIVE = [
    "import tensorflow as tf; Session = tf.compat.v1.InteractiveSession",
    "from tensorflow.compat.v1 import InteractiveSession as Session",
]
OPEN = "sess = Session(graph=tf1.Graph())"

# What belongs to the shell, by identity; TensorFlow's modules attribute by attribute.
LOOK = """
def look():
    import copy, sys
    shell = get_ipython()
    modules = {}
    for path, module in list(sys.modules.items()):
        if path.split(".")[0] == "tensorflow" and hasattr(module, "__dict__"):
            modules[path] = dict(vars(module))
    session = sys.modules["tensorflow.python.client.session"]
    for cls in (session.BaseSession, session.Session, session.InteractiveSession):
        modules[cls.__name__] = dict(vars(cls))
    return modules, {
        "events": {name: list(found) for name, found in shell.events.callbacks.items()},
        "cleanup": list(shell.input_transformers_cleanup),
        "post": list(shell.input_transformers_post),
        "trees": list(shell.ast_transformers),
        "line": dict(shell.magics_manager.magics["line"]),
        "cell": dict(shell.magics_manager.magics["cell"]),
        "registry": dict(shell.magics_manager.registry),
        "configurables": list(shell.configurables),
        "completers": {
            name: list(found.strs) for name, found in shell.strdispatchers.items()
        },
        "import": __builtins__["__import__"] if isinstance(__builtins__, dict)
            else __builtins__.__import__,
        "names": {
            name: id(value) for name, value in shell.user_ns.items()
            if not name.startswith("_") and name not in ("In", "Out", "before", "after")
        },
    }

def different(before, after):
    found = [f"{path}.{name}"
             for path, names in before[0].items() for name, value in names.items()
             if after[0].get(path, {}).get(name) is not value]
    return found + [name for name in before[1] if before[1][name] != after[1][name]]
"""


def test_loading_imports_no_tensorflow(nb: Notebook) -> None:
    # In the shared plain kernel, in which no test imports TensorFlow.
    assert nb.value("'tensorflow' in __import__('sys').modules") is False
    assert nb.run("%tfsession").text.startswith("TensorFlow sessions\nno sessions: TensorFlow is")
    assert nb.run(UNLOAD).ok
    assert nb.value("'tensorflow' in __import__('sys').modules") is False
    assert nb.run("%tfsession").stderr == (
        "UsageError: Line magic function `%tfsession` not found.\n"
    )


test_loading_imports_no_tensorflow = pytest.mark.notebook(mode="plain")(
    test_loading_imports_no_tensorflow
)


@pytest.mark.parametrize("spelling", [*SPELLINGS, *INTERACTIVE])
@pytest.mark.parametrize("load_first", [True, False], ids=["load-import", "import-load"])
@pytest.mark.notebook(load=False)
def test_every_spelling_gives_the_managed_session(
    nb: Notebook, spelling: str, *, load_first: bool
) -> None:
    for source in (LOAD, spelling) if load_first else (spelling, LOAD):
        assert nb.run(source).ok
    assert nb.run(f"tf1 = __import__('tensorflow').compat.v1\n{OPEN}").ok
    assert nb.value(MANAGED.format("sess"))
    assert nb.value("Session(graph=sess.graph) is sess")
    nb.run("sess.close()")


@pytest.mark.parametrize("spelling", [SPELLINGS[0], SPELLINGS[3]])
def test_the_patches_go_in_when_tensorflow_is_imported(
    fresh_notebook: Callable[..., Notebook], spelling: str
) -> None:
    nb = fresh_notebook()
    assert nb.run(f"{LOAD}\n{spelling}\nimport tensorflow.compat.v1 as tf1\n{OPEN}").ok
    assert nb.value(MANAGED.format("sess"))
    # A spelling that comes later loads modules that were not there yet.
    for later in SPELLINGS:
        assert nb.run(f"{later}\nother = Session(graph=sess.graph)").ok
        assert nb.value("other is sess"), later


@pytest.mark.notebook(load=False)
def test_unloading_restores_everything(nb: Notebook) -> None:
    nb.run("from tensorflow.compat.v1 import Session, InteractiveSession as Live")
    nb.run(f"import tensorflow\n{LOOK}\nbefore = look()")
    # Not by magic: the first use of a magic makes IPython register it.
    nb.run("get_ipython().extension_manager.load_extension('jupyter_tfsession')")
    nb.run("loaded = different(before, look())")
    changed = nb.value("loaded")
    assert "tensorflow.compat.v1.Session" in changed
    assert {"events", "cleanup", "line", "cell", "registry", "configurables"} < {*changed}
    assert {"completers", "names"} < {*changed}
    nb.run("del loaded; sess = tf.InteractiveSession(); t = tf.constant(1.0)")
    nb.run("%tfsession compat on")
    nb.run("float(t.eval())")
    nb.run("sess.close(); del sess, t")
    nb.run("get_ipython().extension_manager.unload_extension('jupyter_tfsession')")
    nb.run("after = look()")
    assert nb.value("different(before, after)") == []


@pytest.mark.notebook(load=False)
def test_loading_and_unloading_again_and_again(nb: Notebook) -> None:
    nb.run(f"{LOAD}\n{UNLOAD}\n{LOOK}\nbefore = look()")
    for _ in range(3):
        assert nb.run(LOAD).ok
        assert "already loaded" in nb.run(LOAD).stdout
        assert nb.run(UNLOAD).ok
        assert "not loaded" in nb.run(UNLOAD).stdout
    nb.run("after = look()")
    assert nb.value("different(before, after)") == []


@pytest.mark.parametrize("resource", [False, True], ids=["ref", "resource"])
def test_sessions_and_values_survive_a_reload(nb: Notebook, *, resource: bool) -> None:
    nb.run(
        f"v = tf.get_variable('v', initializer=1.0, use_resource={resource})\n"
        "init = tf.global_variables_initializer(); add = tf.assign_add(v, 1.0)"
    )
    train = "sess = tf.Session(); sess.run(init); sess.run(add); result = float(sess.run(v))"
    nb.run(train, cell="train")
    nb.run("held = sess; %reload_ext jupyter_tfsession".replace("; ", "\n"))
    outcome = nb.run(train, cell="train")
    assert nb.value("result, sess is held") == (3.0, True)
    assert [notice[:36] for notice in outcome.notices][-1:] == [
        "kept 1 initialized variable (last wr"
    ]
    assert nb.run("%tfsession undo").error is not None  # nothing was overwritten


def test_a_session_that_is_held_goes_on_as_a_plain_one(nb: Notebook) -> None:
    nb.run("v = tf.get_variable('v', initializer=1.0); init = tf.global_variables_initializer()")
    nb.run("sess = tf.Session(); sess.run(init); sess.run(tf.assign_add(v, 4.0))")
    nb.run(UNLOAD)
    assert nb.value("float(sess.run(v))") == 5.0
    outcome = nb.run("sess.run(init); float(sess.run(v))", cell="again")
    assert (outcome.text, outcome.notices) == ("1.0", [])
    outcome = nb.run("new = tf.Session(); new.run(init); type(new).__mro__[1].__name__")
    assert (outcome.text, outcome.notices) == ("'BaseSession'", [])
    nb.run("new.close()")
    assert nb.value("float(sess.run(v))") == 1.0
    nb.run(LOAD)
    assert nb.value("tf.Session() is sess")


def test_unloading_in_a_cell_forgets_nothing_it_asked_for(nb: Notebook) -> None:
    nb.run("v = tf.get_variable('v', initializer=1.0); init = tf.global_variables_initializer()")
    nb.run("sess = tf.Session(); sess.run(init); sess.run(tf.assign_add(v, 4.0))")
    # The initializer is honoured, and put off until `v` is used.
    outcome = nb.run(f"tf.Session().run(init)\n{UNLOAD}\nresult = float(sess.run(v))")
    assert (outcome.ok, nb.value("result")) == (True, 1.0)


@pytest.mark.notebook(load=False)
@pytest.mark.parametrize("cell", ["only", False], ids=["id", "no-id"])
def test_the_cell_that_loads_is_a_cell_like_any_other(nb: Notebook, cell: str | bool) -> None:
    source = f"""{LOAD}
with tf.variable_scope("all", reuse=tf.AUTO_REUSE):
    v = tf.get_variable("v", initializer=1.0)
sess = tf.Session()
sess.run(tf.global_variables_initializer())
sess.run(tf.assign_add(v, 1.0))
result = float(sess.run(v))
"""
    first = nb.run(source, cell=cell)
    assert (first.ok, first.notices, nb.value("result")) == (True, [], 2.0)
    second = nb.run(source, cell=cell)
    assert second.ok
    assert nb.value("result") == 3.0
    assert second.notices[-1] == (
        f"kept 1 initialized variable (last written in [{first.count}]). "
        "%tfsession reset starts over"
    )


def test_a_front_end_without_cell_ids(nb: Notebook) -> None:
    nb.run("v = tf.get_variable('v', initializer=1.0)", cell=False)
    nb.run("init = tf.global_variables_initializer(); add = tf.assign_add(v, 1.0)", cell=False)
    train = "sess = tf.Session(); sess.run(init); sess.run(add); float(sess.run(v))"
    assert nb.run(train, cell=False).text == "2.0"
    again = nb.run(train, cell=False)
    assert again.text == "3.0"
    assert again.notices[-1].startswith("kept 1 initialized variable (last written in [3])")
    edited = nb.run(f"# another text is another cell\n{train}", cell=False)
    assert edited.text == "2.0"


def test_two_kernels_side_by_side_and_a_restart(
    nb: Notebook, fresh_notebook: Callable[..., Notebook]
) -> None:
    build = "v = tf.get_variable('v', initializer={}); sess = tf.Session(); sess.run(v.initializer)"
    nb.run(build.format(1.0))
    other = fresh_notebook()
    begin = f"import tensorflow.compat.v1 as tf; tf.disable_v2_behavior()\n{LOAD}"
    other.run(begin)
    assert other.run(build.format(2.0)).ok
    assert (nb.value("float(sess.run(v))"), other.value("float(sess.run(v))")) == (1.0, 2.0)
    other.restart()
    assert other.value("'sess' in globals() or 'tensorflow' in __import__('sys').modules") is False
    other.run(begin)
    assert other.run("%tfsession").text.startswith("TensorFlow sessions\nno sessions yet")
    assert other.run(build.format(3.0), cell="a").notices == []
    assert other.value("float(sess.run(v))") == 3.0
    assert nb.value("float(sess.run(v))") == 1.0


# Without a notebook front end.

SCRIPT = """
import sys
from IPython.core.interactiveshell import InteractiveShell
from IPython.terminal.ipapp import load_default_config
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "jupyter_tfsession")
assert "tensorflow" not in sys.modules
"""
CELLS = """
import tensorflow.compat.v1 as tf; tf.disable_v2_behavior()
v = tf.get_variable("v", initializer=1.0)
init = tf.global_variables_initializer(); add = tf.assign_add(v, 1.0)
"""
TRAIN = "sess = tf.Session(); sess.run(init); sess.run(add); print(float(sess.run(v)))"


def run_python(arguments: list[str], directory: Path) -> subprocess.CompletedProcess[str]:
    env = {
        **os.environ,
        "IPYTHONDIR": str(directory / "ipython"),
        "JUPYTER_CONFIG_DIR": str(directory / "config"),
        "JUPYTER_RUNTIME_DIR": str(directory / "runtime"),
        "PYTHONPATH": str(REPOSITORY),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=directory,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )


def test_a_shell_without_a_kernel(tmp_path: Path) -> None:
    source = (
        SCRIPT
        + f"""
for cell in ({CELLS!r}, {TRAIN!r}, {TRAIN!r}):
    shell.run_cell(cell, store_history=True).raise_error()
"""
    )
    (tmp_path / "script.py").write_text(source, encoding="utf-8")
    printed = run_python(["script.py"], tmp_path).stdout.splitlines()
    assert [line for line in printed if line in {"2.0", "3.0"}] == ["2.0", "3.0"]
    assert [line[:36] for line in printed if line.startswith("kept")] == [
        "kept 1 initialized variable (last wr"
    ]


def test_loading_at_start_up(tmp_path: Path) -> None:
    (tmp_path / "cell.py").write_text(f"{CELLS}\n{TRAIN}\nprint(sess)\n", encoding="utf-8")
    extra = "--InteractiveShellApp.extensions=['jupyter_tfsession']"
    done = run_python(
        ["-m", "IPython", extra, "--TFSession.guard=off", "--colors=NoColor", "cell.py"], tmp_path
    )
    assert "2.0\n<tf.compat.v1.Session of 'graph-1', open, kept by jupyter_tfsession>" in (
        done.stdout
    )


NOTEBOOK_CELLS = [f"{LOAD}\n{CELLS}", TRAIN, TRAIN + "  # the same once more", "%tfsession status"]


def write_notebook(path: Path, *, ids: bool) -> None:
    cells = [
        {
            "cell_type": "code",
            "source": source,
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            **({"id": f"cell-{number}"} if ids else {}),
        }
        for number, source in enumerate(NOTEBOOK_CELLS)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    content = {"nbformat": 4, "nbformat_minor": 5 if ids else 4, "metadata": kernel, "cells": cells}
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize(
    ("command", "ids"),
    [
        (["nbconvert", "--execute", "--to=notebook", "--output=out.ipynb", "in.ipynb"], True),
        (["papermill", "in.ipynb", "out.ipynb", "--kernel=python3", "--no-progress-bar"], False),
    ],
    ids=["nbconvert", "papermill"],
)
def test_executed_notebooks(tmp_path: Path, command: list[str], *, ids: bool) -> None:
    write_notebook(tmp_path / "in.ipynb", ids=ids)
    run_python(["-m", *command], tmp_path)
    written = json.loads((tmp_path / "out.ipynb").read_text(encoding="utf-8"))
    outputs = [
        [
            "".join(output.get("text", output.get("data", {}).get("text/plain", "")))
            for output in cell["outputs"]
            if output.get("name") != "stderr"
        ]
        for cell in written["cells"]
        if cell["source"]
    ]
    assert outputs[-3] == ["2.0\n"]
    assert outputs[-2][-1] == "2.0\n"  # another cell, which opens its own session
    assert "graph-1 (default)  open       1 / 1    4 B" in outputs[-1][0]


def test_code_that_a_front_end_runs_for_itself_is_no_cell(kernels: Kernels) -> None:
    nb = kernels.get("tf1", load=False)
    nb.run("v = tf.get_variable('v', initializer=1.0)")
    nb.execute_silently("get_ipython().extension_manager.load_extension('jupyter_tfsession')")
    assert nb.value(
        "__import__('jupyter_tfsession.extension', fromlist='x').loaded().cells.current is None"
    )


def test_eager_execution_can_still_be_enabled(fresh_notebook: Callable[..., Notebook]) -> None:
    """TensorFlow refuses it once there is a default graph, so nothing of ours may make one."""
    nb = fresh_notebook()
    for source in [
        LOAD,
        "%tfsession compat on",
        "import tensorflow as tf",
        "%tfsession watch",
        "%tfsession status",
        "tf.enable_eager_execution()",
        "assert float(tf.constant(2.0) + 1.0) == 3.0",
    ]:
        outcome = nb.run(source)
        assert outcome.ok, (source, outcome.error)
