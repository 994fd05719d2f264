"""The magics and the Python calls behind them: what they do, show and say of wrong input."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from notebook import Notebook

VARIABLES = """
v = tf.get_variable("v", initializer=[1.0, 2.0])
w = tf.get_variable("w", initializer=3)
n = tf.get_variable("n", initializer="<b>bold</b>")
sess = tf.Session()
sess.run(tf.global_variables_initializer())
"""
COMMANDS = {
    "status", "vars", "set", "init", "reset", "undo", "redo", "guard", "close", "name", "compat",
    "doctor", "show", "devices", "watch", "snapshot", "snapshots", "restore", "diff", "rescue",
}  # fmt: skip
NOT_IMPORTED = "no sessions: TensorFlow is not imported yet in this kernel"
NO_SESSION = "no sessions yet: tf.compat.v1.Session() opens one"


@pytest.fixture
def built(nb: Notebook) -> Notebook:
    """Give a kernel with three variables in a session."""
    assert nb.run(VARIABLES).ok
    return nb


def shown(nb: Notebook, command: str) -> str:
    """Run a command that must succeed; return its text, which its HTML must hold as well."""
    outcome = nb.run(f"%tfsession {command}")
    assert outcome.error is None, outcome.error.evalue
    assert outcome.html.startswith(("<div", "<pre"))
    return outcome.text


def refused(nb: Notebook, source: str) -> str:
    """Run a cell that must be refused in one line; return what it says."""
    outcome = nb.run(source)
    assert outcome.error is not None
    assert outcome.error.ename == "UsageError"
    assert outcome.stderr == f"UsageError: {outcome.error.evalue}\n"
    return outcome.error.evalue


@pytest.mark.notebook(mode="plain")
@pytest.mark.parametrize(
    "command", ["vars", "set v 1", "init", "reset", "undo", "redo", "close", "name a"]
)
def test_before_tensorflow(nb: Notebook, command: str) -> None:
    assert refused(nb, f"%tfsession {command}") == NOT_IMPORTED


@pytest.mark.notebook(mode="plain")
def test_status_before_tensorflow(nb: Notebook) -> None:
    for command in ("", "status"):
        assert shown(nb, command).splitlines() == [
            "TensorFlow sessions",
            NOT_IMPORTED,
            "guard: keep",
        ]
    assert shown(nb, "close --all") == NOT_IMPORTED
    assert "not imported yet" in shown(nb, "doctor")
    assert nb.value("'tensorflow' in __import__('sys').modules") is False


@pytest.mark.parametrize("command", ["vars", "set v 1", "init", "reset", "undo", "redo", "close"])
def test_before_any_session(nb: Notebook, command: str) -> None:
    assert refused(nb, f"%tfsession {command}") == NO_SESSION
    assert NO_SESSION in shown(nb, "")


def test_status(built: Notebook) -> None:
    text = shown(built, "")
    assert text == shown(built, "status")
    assert text.splitlines()[1].split("  ")[0] == "graph"
    assert text.splitlines()[3].split() == [
        "graph-1", "(default)", "open", "3", "/", "3", "12", "B", "CPU:0", "default", "1", "[1]",
    ]  # fmt: skip


def test_vars(built: Notebook) -> None:
    lines = shown(built, "vars").splitlines()
    assert lines[0] == "variables of graph-1"
    assert [line.split() for line in lines[3:6]] == [
        ["v", "float32", "(2,)", "8", "B", "[1.,", "2.]", "yes", "CPU:0", "[1],", "run", "1"],
        ["w", "int32", "()", "4", "B", "3", "yes", "CPU:0", "[1],", "run", "1"],
        ["n", "string", "()", "?", "'<b>bold</b>'", "yes", "CPU:0", "[1],", "run", "1"],
    ]
    assert lines[6] == "3 of 3 initialized, 12 B"


def test_hostile_strings_are_escaped(built: Notebook) -> None:
    built.run("sess.run(n.assign('<script>\\x1b[2J\\u202e'))")
    outcome = built.run("%tfsession vars n")
    assert "&lt;script&gt;" in outcome.html
    assert "<script>" not in outcome.html
    assert "\x1b" not in outcome.text + outcome.html
    assert "\u202e" not in outcome.text + outcome.html


@pytest.mark.parametrize(
    ("globs", "names"),
    [
        ("v", ["v"]),
        ("[!n]", ["v", "w"]),
        ("n v", ["n", "v"]),
        ("[vw]", ["v", "w"]),
        ("v v*", ["v"]),
    ],
)
def test_globs(built: Notebook, globs: str, names: list[str]) -> None:
    lines = shown(built, f"vars {globs}").splitlines()[3:-1]
    assert [line.split()[0] for line in lines] == names


@pytest.mark.parametrize(
    ("command", "expression", "value"),
    [
        ("set v [5, 6]", "sess.run(v).tolist()", [5.0, 6.0]),
        ("set v np.ones(2) * 7", "sess.run(v).tolist()", [7.0, 7.0]),
        ("set v sess.run(v) + one", "sess.run(v).tolist()", [2.0, 3.0]),
        ("set w 2 + 2", "int(sess.run(w))", 4),
        ("set n 'two  spaces'", "sess.run(n)", b"two  spaces"),
        ("set --graph graph-1 w 5", "int(sess.run(w))", 5),
        ("set w --graph graph-1 5", "int(sess.run(w))", 5),
        ("set w 5 --graph graph-1", "int(sess.run(w))", 5),
    ],
)
def test_set(built: Notebook, command: str, expression: str, value: object) -> None:
    built.run("one = 1")
    operations = built.operations()
    assert shown(built, command).endswith("; %tfsession undo brings the old values back")
    assert built.value(expression) == value
    assert built.operations() == operations
    shown(built, "undo")
    assert built.value("sess.run(v).tolist(), int(sess.run(w)), sess.run(n)") == (
        [1.0, 2.0], 3, b"<b>bold</b>",
    )  # fmt: skip


def test_init_reset_undo_redo(built: Notebook) -> None:
    built.run("late = tf.get_variable('late', initializer=9.0)")
    operations = built.operations()
    assert shown(built, "init") == "initialized 1 variable; 3 had a value and kept it"
    shown(built, "set v [5, 6]")
    shown(built, "set w 7")
    assert shown(built, "reset v") == (
        "reset 1 variable of graph-1 to the initial values; "
        "%tfsession undo brings the old values back"
    )
    values = "sess.run(v).tolist(), int(sess.run(w))"
    assert built.value(values) == ([1.0, 2.0], 7)
    assert shown(built, "undo").startswith("undo of reset: 1 variable of graph-1")
    assert built.value(values) == ([5.0, 6.0], 7)
    assert shown(built, "redo").startswith("redo of reset: 1 variable of graph-1")
    assert built.value(values) == ([1.0, 2.0], 7)
    shown(built, "reset")
    assert built.value(values) == ([1.0, 2.0], 3)
    assert built.operations() == operations
    assert refused(built, "%tfsession redo") == "there is nothing to redo in graph-1"


def test_close(built: Notebook) -> None:
    shown(built, "set w 7")
    assert shown(built, "close") == (
        "closed the session of graph-1; the values of 3 variables (12 B) wait on the host"
    )
    assert shown(built, "close") == "the session of graph-1 is closed already"
    assert "closed, values wait" in shown(built, "status")
    assert "7" in shown(built, "vars w")
    assert built.value("int(sess.run(w))") == 7
    assert shown(built, "close --discard") == (
        "closed the session of graph-1; its values are discarded"
    )
    assert "0 of 3 initialized" in shown(built, "vars")


def test_names_choose_the_graph(built: Notebook) -> None:
    built.run(
        "other = tf.Graph()\n"
        "with other.as_default(), tf.Session() as second:\n"
        "    far = tf.get_variable('far', initializer=1.0); second.run(far.initializer)"
    )
    assert shown(built, "name far-away --graph graph-2") == "graph-2 is called far-away now"
    assert shown(built, "vars --graph far-away").splitlines()[0] == "variables of far-away"
    assert "set far to 2.0;" in shown(built, "set far 2.0 --graph far-away")
    assert shown(built, "reset --graph far-away").startswith("reset 1 variable of far-away")
    assert shown(built, "undo --graph far-away").startswith("undo of reset: 1 variable of far-away")
    assert built.value("float(second.run(far))") == 2.0
    assert shown(built, "redo --graph far-away").startswith("redo of reset")
    assert shown(built, "init --graph far-away").startswith("initialized 0 variables; 1 had")
    assert "far-away" in shown(built, "close --graph far-away")
    assert refused(built, "%tfsession name graph-1 --graph far-away") == (
        "another graph is called 'graph-1' already"
    )
    assert shown(built, "close --all").count("closed") == 2


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("vrs", "%tfsession has no sub-command 'vrs'; did you mean 'vars'?"),
        ("vars vv", "there is no variable 'vv'; did you mean 'v'?"),
        ("vars zz*", "there is no variable 'zz*'; there is v, w, n"),
        ("reset x", "there is no variable 'x'; there is v, w, n"),
        ("set x 1", "there is no variable 'x'; there is v, w, n"),
        ("set v", "set takes a variable and an expression: %tfsession set NAME EXPR"),
        ("set v [1, 2, 3]", "v has shape (2,); the value has (3,)"),
        ("set w 2.5", "w is int32; a value of float64 does not fit"),
        ("set v 1 / 0", "cannot evaluate '1 / 0': ZeroDivisionError: division by zero"),
        ("set v nix", "cannot evaluate 'nix': NameError: name 'nix' is not defined"),
        ("guard kep", "there is no policy 'kep'; did you mean 'keep'?"),
        ("compat maybe", "there is no switch 'maybe'; there is on, off"),
        ("vars --graph graf-1", "there is no graph 'graf-1'; did you mean 'graph-1'?"),
        ("name --graph graph-1 a/b", ("'a/b' cannot be a name: 1 to 64 letters, digits, dots, "
         "dashes or underscores can")),
        ("init --foo", "unrecognized arguments: --foo"),
        ("doctor x", "unrecognized arguments: x"),
        ("undo", "there is nothing to undo in graph-1"),
    ],
)  # fmt: skip
def test_wrong_input(built: Notebook, command: str, says: str) -> None:
    assert refused(built, f"%tfsession {command}") == says
    assert built.value("sess.run(v).tolist(), int(sess.run(w))") == ([1.0, 2.0], 3)


def test_an_unknown_command_lists_all(built: Notebook) -> None:
    said = refused(built, "%tfsession frobnicate")
    assert said.startswith("%tfsession has no sub-command 'frobnicate'; there is status, vars,")
    assert {*said.rpartition("there is ")[2].split(", ")} >= COMMANDS


@pytest.mark.notebook(mode="plain")
@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(nb: Notebook, command: str) -> None:
    text = shown(nb, f"{command} --help")
    assert text.startswith(f"%tfsession {command}")
    assert len(text.splitlines()) >= 3
    assert shown(nb, f"{command}?") == text
    assert shown(nb, f"{command} -h") == text


@pytest.mark.notebook(mode="plain")
def test_the_magic_explains_itself(nb: Notebook) -> None:
    text = shown(nb, "--help")
    assert {*text.splitlines()[-1].removeprefix("sub-commands: ").split(", ")} >= COMMANDS
    assert "--device D" in text
    assert "run a cell in one" in nb.inspect("%tfsession")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%tfsession ", COMMANDS),
        ("%tfsession re", {"reset", "redo"}),
        ("%tfsession vars ", {"v", "w", "n"}),
        ("%tfsession reset v w", {"w"}),
        ("%tfsession set ", {"v", "w", "n"}),
        ("%tfsession vars --graph ", {"graph-1"}),
        ("%tfsession guard ", {"keep", "error", "off"}),
        ("%tfsession compat o", {"on", "off"}),
    ],
)
def test_completion(built: Notebook, line: str, words: set[str]) -> None:
    assert words <= {*built.complete(line)}


def test_guard_and_settings(built: Notebook) -> None:
    assert shown(built, "guard") == "guard: keep"
    assert shown(built, "guard off") == "guard: off"
    assert built.run("%config TFSession.guard").text == "'off'"
    built.run("%config TFSession.guard = 'error'")
    assert shown(built, "guard") == "guard: error"
    assert "expected any of ['keep', 'error', 'off']" in (
        built.run("%config TFSession.guard = 'bad'").stderr
    )
    assert shown(built, "guard") == "guard: error"
    built.run("c = tf.get_variable('c', initializer=[1j]); sess.run(c.initializer)")
    built.run("%config TFSession.preview_bytes = 4")
    assert "mean 1.5, std 0.5, min 1, max 2" in shown(built, "vars v")
    assert "not read: 16 B" in shown(built, "vars c")
    built.run("%config TFSession.undo_bytes = 3")
    assert "exceed the undo budget" in shown(built, "set w 4")
    listed = built.run("%config TFSession").stdout
    assert listed.count("TFSession.") >= 4


def test_compat(built: Notebook) -> None:
    assert shown(built, "compat") == "compat: off"
    assert shown(built, "compat on") == "compat: on"
    assert built.run("import tensorflow as one; one.__name__").text.endswith("compat.v1'")
    assert shown(built, "compat off") == "compat: off"
    assert built.run("import tensorflow as two; two.__name__").text == "'tensorflow'"


def test_doctor(built: Notebook) -> None:
    lines = shown(built, "doctor").splitlines()
    rows = {line.split("  ")[0]: line.split() for line in lines}
    assert rows["TensorFlow in this kernel"][-1] == "imported"
    assert rows["the initializer guard, and knowing what wrote a variable"][-1] == "on"
    assert rows["tensorflow"][1] == built.value("tf.__version__")
    assert not [line for line in lines if " off " in line or "missing" in line]


# The cell magic.


@pytest.mark.parametrize("nb", ["tf1", "eager"], indirect=True)
def test_the_cell_magic_makes_its_graph_and_session_the_defaults(nb: Notebook) -> None:
    outcome = nb.run(
        "%%tfsession\n"
        "v = tf.get_variable('v', initializer=2.0)\n"
        "v.initializer.run()\n"
        "float(v.eval()), tf.executing_eagerly(), tf.get_default_session() is tf.Session()"
    )
    assert outcome.text == "(2.0, False, True)"
    assert nb.value("tf.get_default_session() is None")


def test_the_cell_magic_chooses_graph_device_and_cell(built: Notebook) -> None:
    built.run(
        "other = tf.Graph(); second = tf.Session(graph=other)\n%tfsession vars --graph graph-2"
    )
    cell = "%%tfsession --graph graph-2 --device /cpu:0 --cell mine\nt = tf.constant(1.0){}\n"
    outcome = built.run(cell.format("") + "t.graph is other, t.device, float(t.eval())")
    assert outcome.text == "(True, '/device:CPU:0', 1.0)"
    assert "there is no graph 'nix'" in refused(built, "%%tfsession --graph nix\n1")
    assert refused(built, "%%tfsession --wrong\n1") == "unrecognized arguments: --wrong"


def test_a_named_cell_stays_itself_when_it_is_edited(built: Notebook) -> None:
    train = "%%tfsession --cell train{}\ntf.global_variables_initializer().run()\n{}"
    built.run(train.format("", "v.assign_add([1.0, 1.0]).eval().tolist()"), cell=False)
    outcome = built.run(train.format("", "v.eval().tolist()  # edited"), cell=False)
    assert outcome.notices[-1].startswith("kept 3 initialized variables")


@pytest.mark.parametrize(
    ("source", "text"),
    [("1 + 1", "2"), ("1 + 1;", ""), ("x = 1", ""), ("x = 1\nx + 1  # two", "2"),
     ("'a;'", "'a;'"), ("%tfsession guard", "guard: keep")],
)  # fmt: skip
def test_the_last_expression_is_displayed(built: Notebook, source: str, text: str) -> None:
    outcome = built.run(f"%%tfsession\n{source}")
    assert (outcome.ok, outcome.text) == (True, text)


def test_errors_keep_the_users_traceback(built: Notebook) -> None:
    outcome = built.run("%%tfsession\nx = 1\n\ndef fall(): 1 / 0\nfall()")
    assert outcome.error.ename == "ZeroDivisionError"
    assert "def fall(): 1 / 0" in outcome.error.traceback
    assert built.run("%%tfsession\nif:").error.ename == "SyntaxError"
    assert built.value("tf.get_default_session() is None")


# The Python calls.


def test_the_python_interface_does_the_same(built: Notebook) -> None:
    built.run("import jupyter_tfsession as jt")
    assert built.value("jt.get_session() is sess and jt.get_session('graph-1') is sess")
    assert built.value("jt.get_session(sess.graph) is sess")
    for call, command in (("jt.sessions()", "status"), ("jt.variables('v', 'w')", "vars v w")):
        assert built.run(call).text == shown(built, command)
    assert built.value("str(jt.set_value('w', 8))").startswith("set w to 8;")
    assert built.value("str(jt.reset('w', graph='graph-1'))").startswith("reset 1 variable")
    assert built.value("str(jt.undo()), int(sess.run(w))")[1] == 8
    assert built.value("str(jt.redo()), int(sess.run(w))")[1] == 3
    assert built.value("str(jt.init())") == "initialized 0 variables; 3 had a value and kept it"
    outcome = built.run("with jt.allow_init():\n    sess.run(v.initializer)", cell="a")
    assert (outcome.ok, outcome.notices) == (True, [])
    assert "discarded" in built.value("str(jt.close(discard=True))")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("jt.get_session('nix')", "there is no graph 'nix'"),
        ("jt.get_session(3)", "a tf.Graph or the name of one is needed, not 3"),
        ("jt.set_value('v', [1])", "v has shape (2,); the value has (1,)"),
        ("jt.variables('vv')", "there is no variable 'vv'; did you mean 'v'?"),
    ],
)
def test_wrong_input_to_the_python_interface(built: Notebook, call: str, says: str) -> None:
    built.run("import jupyter_tfsession as jt")
    outcome = built.run(call)
    assert outcome.error.ename == "CommandError"
    assert says in outcome.error.evalue


@pytest.mark.notebook(mode="plain", load=False)
def test_the_python_interface_needs_the_extension(nb: Notebook) -> None:
    outcome = nb.run("import jupyter_tfsession as jt; jt.sessions()")
    assert outcome.error.evalue == (
        "jupyter_tfsession is not loaded: run %load_ext jupyter_tfsession"
    )


def test_show(built: Notebook) -> None:
    text = shown(built, "show v")
    assert text.startswith("v of graph-1")
    facts = dict(line.split(maxsplit=1) for line in text.splitlines()[3:-1])
    assert facts["value"] == "[1., 2.]"
    assert set(facts["collections"].split(", ")) == {"trainable_variables", "variables"}
    built.run("for _ in range(3): sess.run(v.assign_add([1.0, 1.0]).op); show = 1")
    html = built.run("%tfsession show v").html
    assert html.count("<svg") == 3  # value, histogram and history
    assert "did you mean 'v'?" in refused(built, "%tfsession show vv")


def test_devices(built: Notebook) -> None:
    lines = shown(built, "devices").splitlines()
    assert lines[0] == "devices of graph-1"
    assert lines[3].split() == ["/job:localhost/replica:0/task:0/device:CPU:0", "3", "12", "B"]
    built.run("sess.close()")
    assert "is closed" in refused(built, "%tfsession devices")


def test_watch_displays_the_widget(built: Notebook) -> None:
    outcome = built.run("%tfsession watch v*")
    assert outcome.error is None
    assert outcome.text.startswith("variables of graph-1")
    assert "not connected: values as of" in outcome.html
