"""Going back to an earlier part of the notebook: each part has its graph, names and values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from parts import BUILD, TRAIN, USE, again, part

if TYPE_CHECKING:
    from notebook import Notebook


@pytest.mark.parametrize("parts", [2, 3, 10])
def test_a_cell_of_an_earlier_part_works_on_what_its_part_left(nb: Notebook, parts: int) -> None:
    for number in range(1, parts + 1):
        part(nb, number)
    for number in (1, parts, 1, 2):
        outcome = again(nb, "use", number)
        assert nb.value("result") == 2 * (100.0 * number + 1)
        assert len(outcome.notices) == 1
        assert outcome.notices[0].startswith(f"entered section-{number}")
        assert again(nb, "use", number).notices == []
    again(nb, "train", 1)
    assert nb.value("result") == 102.0  # it goes on from what was trained there
    again(nb, "train", 2)
    assert nb.value("result") == 202.0


def test_running_all_again_gives_what_running_all_gave(nb: Notebook) -> None:
    for _ in range(2):
        for number in (2, 3):
            part(nb, number)


def test_the_cell_that_begins_a_part_starts_it_over(nb: Notebook) -> None:
    part(nb, 1)
    part(nb, 2)
    again(nb, "use", 1)
    built = nb.run(BUILD.format(reset="tf.reset_default_graph()", initial=200.0), cell="build 2")
    assert (built.error, built.notices) == (None, [])
    assert again(nb, "train", 2).notices == []
    assert nb.value("result") == 201.0  # not 202: begun anew
    again(nb, "use", 1)
    assert nb.value("result") == 202.0
    assert "section-3" not in nb.run("%tfsession").text


def test_a_reset_that_stands_alone_starts_over(nb: Notebook) -> None:
    part(nb, 1)
    part(nb, 2)
    nb.run("tf.reset_default_graph()", cell="scratch")
    before = nb.operations()
    outcome = nb.run(BUILD.format(reset="", initial=100.0), cell="build 1")
    assert outcome.error is None
    assert [notice[:23] for notice in outcome.notices] == ["section-1 begins anew i"]
    assert (before, nb.operations() > 0) == (0, True)
    assert again(nb, "train", 1).notices == []
    assert nb.value("result") == 101.0
    again(nb, "use", 2)  # the other part is as it was
    assert nb.value("result") == 402.0
    again(nb, "use", 1)
    assert nb.value("result") == 202.0
    nb.run("tf.reset_default_graph()", cell="scratch")
    assert nb.run(BUILD.format(reset="", initial=100.0), cell="build 1").error is None
    assert again(nb, "train", 1).notices == []
    assert nb.value("result") == 101.0


def test_a_part_that_begins_with_a_cell_of_its_own_is_no_scratch(nb: Notebook) -> None:
    part(nb, 1)
    nb.run("tf.reset_default_graph()", cell="reset")
    assert nb.run(BUILD.format(reset="", initial=200.0), cell="build 2").ok
    again(nb, "train", 2)
    nb.run("tf.reset_default_graph()", cell="reset")  # begins the second part anew
    again(nb, "use", 1)
    assert nb.value("result") == 202.0
    assert nb.run(BUILD.format(reset="", initial=200.0), cell="build 2").ok
    again(nb, "train", 2)
    assert nb.value("result") == 201.0


# Resets elsewhere than at the top of a part.


def test_a_function_of_the_notebooks_own_that_resets(nb: Notebook) -> None:
    nb.run("def reset_graph(seed=42):\n    tf.reset_default_graph()\n    tf.set_random_seed(seed)")
    for number in (1, 2):
        nb.run(BUILD.format(reset="reset_graph()", initial=100.0 * number), cell=f"build {number}")
        again(nb, "train", number)
        again(nb, "use", number)
    again(nb, "use", 1)
    assert nb.value("result") == 202.0
    again(nb, "use", 2)
    assert nb.value("result") == 402.0


WHOLE = """
{before}
tf.reset_default_graph()
v = tf.get_variable("v", initializer={initial})
with tf.Session() as sess:
    sess.run(v.initializer)
    result = float(sess.run(tf.assign_add(v, 1.0)))
"""


def test_a_part_in_one_cell(nb: Notebook) -> None:
    for number in (1, 2):
        nb.run(WHOLE.format(before="", initial=100.0 * number), cell=f"whole {number}")
        nb.run("result = float(sess.run(v))", cell=f"use {number}")
    again_1 = nb.run("result = float(sess.run(v))", cell="use 1")
    assert (nb.value("result"), len(again_1.notices)) == (101.0, 1)
    outcome = nb.run(WHOLE.format(before="", initial=200.0), cell="whole 2")
    assert (outcome.error, outcome.notices, nb.value("result")) == (None, [], 201.0)


def test_a_reset_in_the_middle_of_a_cell(nb: Notebook) -> None:
    part(nb, 1)
    middle = WHOLE.format(before="last = float(sess.run(train))", initial=500.0)
    nb.run(middle, cell="middle")
    assert nb.value("last, result") == (102.0, 501.0)
    for last in (103.0, 104.0):  # its first half goes on in the first part, where it began
        assert nb.run(middle, cell="middle").error is None
        assert nb.value("last, result") == (last, 501.0)
    again(nb, "use", 1)
    assert nb.value("result") == 208.0


def test_a_cell_that_resets_twice(nb: Notebook) -> None:
    part(nb, 1)
    twice = WHOLE.format(before="", initial=500.0) + WHOLE.format(before="", initial=600.0)
    nb.run(twice, cell="twice")
    nb.run("result = float(sess.run(v))", cell="then")
    assert nb.value("result") == 601.0
    again(nb, "use", 1)
    assert nb.run("result = float(sess.run(v))", cell="then").error is None
    assert nb.value("result") == 601.0
    assert nb.run(twice, cell="twice").error is None
    status = nb.run("%tfsession").text
    assert status.count("section-") == 2  # what a cell resets itself is no part


# Names.


def test_names_of_lists_tuples_and_dicts_are_switched(nb: Notebook) -> None:
    source = """
tf.reset_default_graph()
w = tf.get_variable("w", initializer=float({n}))
layers, pair, named = [w, w * 2], (w, {n}), dict(loss=w * 3, rate={n})
optimizer = tf.train.GradientDescentOptimizer(0.1 * {n})
saver = tf.train.Saver()
plain, values = [{n}], dict(a={n})
sess = tf.InteractiveSession()
w.initializer.run()
"""
    use = (
        "seen = [float(v) for v in (layers[1].eval(), pair[0].eval(), named['loss'].eval())]\n"
        "seen += [pair[1], named['rate'], optimizer._learning_rate, plain, values['a']]\n"
        "saver.save(sess, f'./model {n}')"
    )
    for n in (1, 2):
        nb.run(source.format(n=n), cell=f"build {n}")
        assert nb.run(f"n = {n}\n{use}", cell=f"use {n}").error is None
    assert nb.run(f"n = 1\n{use}", cell="use 1").error is None
    # What is no graph's stays what it is.
    assert nb.value("seen") == [2.0, 1.0, 3.0, 1, 1, 0.1, [2], 2]
    assert nb.run(f"n = 2\n{use}", cell="use 2").error is None
    assert nb.value("seen") == [4.0, 2.0, 6.0, 2, 2, 0.2, [2], 2]
    nb.run("sess.close()")


def test_what_is_kept_in_an_object_is_not_switched_and_the_error_names_both(nb: Notebook) -> None:
    nb.run("class Model: pass\nmodel = Model()")
    for n in (1, 2):
        reset = "tf.reset_default_graph()" if n > 1 else ""
        nb.run(f"{reset}\nx = tf.constant({n}.0)\nmodel.x = x * 2", cell=f"build {n}")
        assert nb.run("z = x + model.x", cell=f"add {n}").error is None
    outcome = nb.run("z = x + model.x", cell="add 1")
    assert outcome.error is not None
    entered, explained = outcome.notices
    assert entered.startswith("entered section-1")
    assert "something of section-2 (begun in" in explained
    assert "in section-1" in explained


def test_what_is_left_of_a_part_that_began_anew_is_told_of(nb: Notebook) -> None:
    begin = "tf.reset_default_graph()\na = tf.constant(1.0)"
    for source, cell in ((begin, "begin"), ("b = a * 2.0", "double")):
        assert nb.run(source, cell=cell).ok
    nb.run(begin, cell="begin")
    outcome = nb.run("a + b", cell="sum")
    assert outcome.error is not None
    assert len(outcome.notices) == 1
    assert "something of section-1 (begun in" in outcome.notices[0]
    assert "from before it began anew: run again the cells that make it" in outcome.notices[0]
    assert nb.run("b = a * 2.0", cell="double").notices == []
    assert nb.run("a + b", cell="sum").ok


def test_what_is_left_of_a_part_that_was_let_go_of_is_told_of(nb: Notebook) -> None:
    part(nb, 1)
    nb.run("class Model: pass\nmodel = Model(); model.w = w", cell="keep")
    part(nb, 2)
    nb.run("%tfsession close --graph section-1 --discard")
    outcome = nb.run("w + model.w")
    assert outcome.error is not None
    assert len(outcome.notices) == 1
    assert "something of a section that was let go of: run again the cells" in outcome.notices[0]


def test_a_name_that_is_bound_to_something_plain_stays(nb: Notebook) -> None:
    part(nb, 1)
    part(nb, 2)
    nb.run("x = 5")
    nb.run("result = float(sess.run(w)), x", cell="see")
    again(nb, "train", 1)
    assert nb.value("x, result") == (5, 102.0)
    again(nb, "train", 2)
    assert nb.value("x") == 5
    nb.run("del x")
    again(nb, "train", 1)
    assert nb.value("x.graph is tf.get_default_graph()")


def test_a_name_that_is_plain_in_one_part_only_is_that_there(nb: Notebook) -> None:
    part(nb, 1)
    part(nb, 2)
    nb.run("x = 5; result = float(sess.run(w))", cell="plain")
    again(nb, "train", 1)
    assert nb.run(BUILD.format(reset="", initial=100.0), cell="build 1").ok
    again(nb, "use", 1)
    assert nb.value("result") == 204.0
    again(nb, "train", 2)
    assert nb.value("x") == 5


def test_a_cell_that_only_looks_at_what_is_plain_in_its_part_enters_it_for_that(
    nb: Notebook,
) -> None:
    part(nb, 1)
    part(nb, 2)
    nb.run("x = [5, 6]", cell="data 2")
    nb.run("seen = x[0]", cell="look 2")
    again(nb, "train", 1)
    assert nb.run(BUILD.format(reset="", initial=100.0), cell="build 1").ok
    outcome = nb.run("seen = x[0]", cell="look 2")
    assert [notice.partition(" (")[0] for notice in outcome.notices] == ["entered section-2"]
    assert nb.value("seen, x") == (5, [5, 6])
    assert nb.run("seen = x[0]", cell="look 2").notices == []


def test_a_deleted_name_comes_back_where_it_was(nb: Notebook) -> None:
    part(nb, 1)
    part(nb, 2)
    nb.run("del y, sess")
    again(nb, "use", 1)
    assert nb.value("result") == 202.0
    assert nb.run(USE, cell="use 2").error is not None  # deleted there


def test_an_explicit_graph_beside_the_default_ones(nb: Notebook) -> None:
    nb.run("g = tf.Graph()\nwith g.as_default(): far = tf.constant(7.0)", cell="explicit")
    part(nb, 1)
    part(nb, 2)
    see = "with tf.Session(graph=g) as other: seen = float(other.run(far))"
    assert nb.run(see, cell="see").error is None
    again(nb, "use", 1)
    assert nb.run(see).error is None
    assert nb.value("seen") == 7.0
    assert nb.value("tf.get_default_graph() is not g and w.graph is tf.get_default_graph()")


def test_each_part_has_its_interactive_session(nb: Notebook) -> None:
    source = """
tf.reset_default_graph()
sess = tf.InteractiveSession()
v = tf.get_variable("v", initializer={initial})
v.initializer.run()
"""
    for number in (1, 2):
        nb.run(source.format(initial=100.0 * number), cell=f"build {number}")
        nb.run("result = float(v.eval())", cell=f"use {number}")
    for number in (1, 2, 1):
        nb.run("result = float(v.eval())", cell=f"use {number}")
        assert nb.value("result") == 100.0 * number
        assert nb.value("tf.get_default_session() is sess and sess.graph is v.graph")
    nb.run("sess.close()")
    assert nb.value("tf.get_default_session()") is None


def test_a_graph_that_is_the_default_with_its_session_is_that_of_its_part(nb: Notebook) -> None:
    part(nb, 1)
    nb.run("tf.reset_default_graph(); c = tf.constant(3.0)", cell="reset")
    nb.run("g = tf.Graph(); sess = tf.InteractiveSession(graph=g)", cell="open")
    use = "d = tf.constant(4.0); seen = float(d.eval()), d.graph is g"
    assert nb.run(use, cell="use").ok
    again(nb, "use", 1)
    assert nb.value("tf.get_default_session()") is None
    assert nb.value("w.graph is tf.get_default_graph()")
    assert nb.run(use, cell="use").error is None
    assert nb.value("seen, tf.get_default_session() is sess") == ((4.0, True), True)
    nb.run("sess.close()")
    assert nb.value("c.graph is tf.get_default_graph()")


def test_savers_write_what_their_part_has(nb: Notebook) -> None:
    for number in (1, 2):
        part(nb, number)
        nb.run(f"saver = tf.train.Saver(); path = './part {number}'", cell=f"saver {number}")
        nb.run(f"saver.save(sess, './part {number}')", cell=f"save {number}")
    again(nb, "train", 1)
    nb.run("saver.save(sess, './part 1')", cell="save 1")
    nb.run("sess.run(w.initializer); saver.restore(sess, './part 1')", cell="save 1")
    values = "[float(tf.train.load_variable(f'./part {n}', 'w')) for n in (1, 2)]"
    assert nb.value(values) == [102.0, 201.0]


# Cells that belong to no part, or cannot be told apart.


def test_a_cell_that_touches_no_graph_is_never_switched_for(nb: Notebook) -> None:
    part(nb, 1)
    assert nb.run("history = [1, 2, 3]; total = sum(history)", cell="plain").ok
    assert nb.run("name = w.name", cell="looks").ok
    part(nb, 2)
    assert nb.run("history = [1, 2, 3]; total = sum(history)", cell="plain").notices == []
    assert nb.value("w.graph is tf.get_default_graph() and float(sess.run(w))") == 201.0
    assert len(nb.run("name = w.name", cell="looks").notices) == 1


def test_without_cell_ids_cells_of_equal_text_are_not_taken_for_another_part(nb: Notebook) -> None:
    for number in (1, 2, 1, 2):
        reset = f"tf.reset_default_graph()  # {number}"
        cells = BUILD.format(reset=reset, initial=100.0 * number), TRAIN, USE
        for source in cells:
            outcome = nb.run(source, cell=False)
            assert (outcome.error, outcome.notices) == (None, [])
        assert nb.value("result") == 2 * (100.0 * number + 1)


def test_without_cell_ids_a_cell_that_uses_what_is_in_one_part_only_enters_it(nb: Notebook) -> None:
    for number in (1, 2):
        source = f"""
tf.reset_default_graph()
v{number} = tf.get_variable("v", initializer=100.0 * {number})
sess{number} = tf.Session()
sess{number}.run(v{number}.initializer)
"""
        assert nb.run(source, cell=False).ok
        assert nb.run(f"print(sess{number}.run(v{number}))", cell=False).stdout == f"{number}00.0\n"
    outcome = nb.run("print(sess1.run(v1))", cell=False)
    assert outcome.stdout == "100.0\n"
    assert outcome.notices[0].startswith("entered section-")


def test_a_name_given_to_a_cell_tells_it_from_others(nb: Notebook) -> None:
    for number in (1, 2):
        reset = "tf.reset_default_graph()" if number > 1 else ""
        nb.run(BUILD.format(reset=reset, initial=100.0 * number), cell=False)
        nb.run(f"%%tfsession --cell train{number}\n{TRAIN}", cell=False)
    outcome = nb.run(f"%%tfsession --cell train1\n{TRAIN}", cell=False)
    assert outcome.error is None
    assert nb.value("result") == 102.0
    assert nb.value("w.graph is tf.get_default_graph()")
