"""What decides on the graph that a cell builds."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfsession.graphs.code import digest, function_digest

DEFINE = "def layer(x, n={n}):\n    return scale(x) * n\ndef scale(x):\n    return x + {k}\n"


def notebook(source: str, **names: Any) -> dict[str, Any]:
    namespace = {"__name__": "__main__", **names}
    exec(source, namespace)
    return namespace


def test_the_source_decides() -> None:
    assert digest("a = 1", {}) == digest("a = 1", {})
    assert digest("a = 1", {}) != digest("a = 2", {})


def test_functions_of_the_notebook_decide_also_those_that_they_call() -> None:
    source = "y = layer(x)"
    before = digest(source, notebook(DEFINE.format(n=2, k=1)))
    assert before == digest(source, notebook(DEFINE.format(n=2, k=1)))
    assert before != digest(source, notebook(DEFINE.format(n=2, k=5)))


def test_functions_that_the_cell_does_not_refer_to_do_not() -> None:
    source = "y = scale(x)"
    extra = DEFINE.format(n=2, k=1) + "def other():\n    return 3\n"
    assert digest(source, notebook(DEFINE.format(n=2, k=1))) == digest(source, notebook(extra))


def test_classes_of_the_notebook_decide() -> None:
    model = "class Model:\n    def build(self):\n        return {}\n"
    one, two = (digest("Model().build()", notebook(model.format(n))) for n in (1, 2))
    assert one != two


@pytest.mark.parametrize("value", [1, 2.0, "text", True, None, [1, 2], (3, "a")])
def test_settings_decide(value: object) -> None:
    assert digest("f(size)", {"size": value}) != digest("f(size)", {"size": "another"})


def test_data_and_objects_do_not() -> None:
    assert digest("f(data)", {"data": [1] * 1000}) == digest("f(data)", {"data": [2] * 1000})
    assert digest("f(data)", {"data": object()}) == digest("f(data)", {"data": object()})


def test_magics_are_passed_over() -> None:
    source = "%matplotlib inline\ny = layer(x)"
    one, two = (digest(source, notebook(DEFINE.format(n=2, k=k))) for k in (1, 2))
    assert one != two
    assert digest("files = !ls", {}) == digest("files = !ls", {})


def test_a_function_is_what_it_encloses() -> None:
    def adder(k: object) -> Any:
        return lambda x: x + k

    assert function_digest(adder(1)) == function_digest(adder(1))
    assert function_digest(adder(1)) != function_digest(adder(2))
    assert function_digest(adder(adder(1))) != function_digest(adder(adder(2)))


def test_a_method_is_what_its_object_holds() -> None:
    class Step:
        def __init__(self, k: int) -> None:
            self.k = k

        def __call__(self, x: int) -> int:
            return x + self.k

    assert function_digest(Step(1).__call__) == function_digest(Step(1).__call__)


def test_functions_that_refer_to_each_other_come_to_an_end() -> None:
    source = "def even(n):\n    return n == 0 or odd(n - 1)\ndef odd(n):\n    return even(n - 1)\n"
    namespace = notebook(source)
    assert digest("even(4)", namespace) == digest("even(4)", notebook(source))
    assert function_digest(namespace["even"]) == function_digest(notebook(source)["even"])
