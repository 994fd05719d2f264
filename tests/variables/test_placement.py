"""Where variables are, as TensorFlow says, with zero operations added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import tensorflow as tf

from jupyter_tfsession.variables.catalogue import Catalogue
from jupyter_tfsession.variables.placement import Placement, differs, placements

if TYPE_CHECKING:
    from collections.abc import Callable

tf1 = tf.compat.v1
CPU = "/job:localhost/replica:0/task:0/device:CPU:"


def session(graph: tf.Graph, *, soft: bool = True, **experimental: Any) -> Any:
    """Open a session with four devices that places what is run only."""
    config = tf1.ConfigProto(
        device_count={"CPU": 4},
        allow_soft_placement=soft,
        graph_options=tf1.GraphOptions(place_pruned_graph=True),
        experimental=tf1.ConfigProto.Experimental(**experimental),
    )
    return tf1.Session(graph=graph, config=config)


@pytest.fixture(params=[True, False], ids=["resource", "ref"])
def graph(request: pytest.FixtureRequest) -> tf.Graph:
    """Give a finalized graph with a variable on each of several devices, one not there."""
    graph = tf.Graph()
    with graph.as_default():

        def variable(name: str) -> Any:
            return tf1.get_variable(name, initializer=[1.0], use_resource=request.param)

        variable("anywhere")
        for number in range(4):
            with tf1.device(f"/cpu:{number}"):
                first = variable(f"on{number}")
        with tf1.colocate_with(first.op):
            variable("beside")
        with tf1.device("/device:GPU:7"):
            variable("missing")
    graph.finalize()
    return graph


def placed(graph: tf.Graph, make: Callable[[tf.Graph], Any]) -> dict[str, Placement]:
    """Return the placements of all variables, having checked that nothing was added."""
    before = len(graph.get_operations())
    with make(graph) as opened:
        found = placements(opened, Catalogue(graph).records.values())
    assert len(graph.get_operations()) == before
    return found


def test_variables_are_where_they_were_asked_to_be(graph: tf.Graph) -> None:
    found = placed(graph, session)
    assert found["anywhere"] == Placement(f"{CPU}0", actual=True)
    for number in range(4):
        assert found[f"on{number}"] == Placement(f"{CPU}{number}", actual=True)


def test_a_colocated_variable_is_beside_the_other(graph: tf.Graph) -> None:
    assert placed(graph, session)["beside"] == Placement(f"{CPU}3", actual=True)


def test_soft_placement_is_seen_and_told_from_what_was_asked(graph: tf.Graph) -> None:
    found = placed(graph, session)["missing"]
    assert found == Placement(f"{CPU}0", actual=True)
    assert differs("/device:GPU:7", found.device)


def test_a_device_that_is_not_there_spoils_no_other_answer(graph: tf.Graph) -> None:
    found = placed(graph, lambda graph: session(graph, soft=False))
    assert (found["missing"].device, found["missing"].actual) == ("/device:GPU:7", False)
    assert "GPU:7" in found["missing"].because
    assert found["on2"] == Placement(f"{CPU}2", actual=True)
    assert found["anywhere"] == Placement(f"{CPU}0", actual=True)


def test_where_tensorflow_is_told_not_to_say_what_was_asked_is_marked(graph: tf.Graph) -> None:
    found = placed(graph, lambda graph: session(graph, disable_output_partition_graphs=True))
    assert (found["on1"].device, found["on1"].actual) == ("/device:CPU:1", False)
    assert found["on1"].because


def test_no_variables_are_nowhere() -> None:
    with tf1.Session(graph=tf.Graph()) as opened:
        assert placements(opened, []) == {}


@pytest.mark.parametrize(
    ("requested", "actual", "is_other"),
    [
        ("", f"{CPU}0", False),
        ("/device:CPU:0", f"{CPU}0", False),
        ("/cpu:0", f"{CPU}0", False),
        ("/cpu:1", f"{CPU}0", True),
        ("/gpu:0", f"{CPU}0", True),
        ("/device:CPU:*", f"{CPU}2", False),
        ("/job:localhost", f"{CPU}2", False),
        ("/job:worker/task:1", f"{CPU}2", True),
    ],
)
def test_what_differs(requested: str, actual: str, is_other: bool) -> None:
    assert differs(requested, actual) is is_other
