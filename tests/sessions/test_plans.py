"""Run plans: what running fetches does to the variables of a graph, on real graphs."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING, Any

import attr
import pytest
import wrapt

from jupyter_tfsession.sessions.analysis import ForeignGraph
from jupyter_tfsession.sessions.plans import PlanCache, RunPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

Pair = namedtuple("Pair", "a b")  # noqa: PYI024 - as notebooks have it


@attr.s
class One:
    fetch = attr.ib()


@attr.s
class Empty:
    pass


@pytest.fixture(scope="module")
def tf() -> Any:
    import tensorflow.compat.v1 as tf

    return tf


@pytest.fixture
def graph(tf: Any) -> Iterator[Any]:
    with tf.Graph().as_default() as graph:
        yield graph


@pytest.fixture(params=[False, True], ids=["ref", "resource"])
def v(request: pytest.FixtureRequest, tf: Any, graph: Any) -> Any:
    with tf.variable_scope("", use_resource=request.param):
        return tf.get_variable("v", initializer=1.0)


def plan_of(graph: Any, fetches: Any, feeds: Any = ()) -> RunPlan:
    return PlanCache(graph).make(fetches, feeds)[0]


def effect(plan: RunPlan) -> tuple[str, str, str, str, str]:
    """Return the sorted names: touched, writes, certain, split off, buried."""
    split = {r.name for fetch in plan.initializers.values() for r in fetch.variables}
    names = plan.touched, plan.writes, plan.certain, split, {r.name for r in plan.buried}
    return tuple(" ".join(sorted(some)) for some in names)  # type: ignore[return-value]


UPDATES = {
    "read": (lambda tf, v: v.read_value(), ("v", "", "", "", "")),
    "the variable": (lambda tf, v: v, ("v", "", "", "", "")),
    "computation": (lambda tf, v: tf.identity(v * 2) + 1, ("v", "", "", "", "")),
    "gather": (lambda tf, v: tf.reshape(v, [1])[0], ("v", "", "", "", "")),
    "initialized?": (lambda tf, v: tf.is_variable_initialized(v), ("", "", "", "", "")),
    "constant": (lambda tf, v: tf.constant(1), ("", "", "", "", "")),
    "assign": (lambda tf, v: tf.assign(v, 2.0), ("v", "v", "v", "", "")),
    "assign_add": (lambda tf, v: tf.assign_add(v, 2.0), ("v", "v", "", "", "")),
    "v.initializer": (lambda tf, v: v.initializer, ("", "v", "v", "v", "")),
    "group": (lambda tf, v: tf.group(tf.group(v.initializer)), ("", "v", "v", "v", "")),
    "mixed group": (
        lambda tf, v: tf.group(v.initializer, tf.assign_add(v, 1.0)),
        ("v", "v", "v", "v", ""),
    ),
    "list": (lambda tf, v: [v.initializer, v], ("v", "v", "v", "v", "")),
    "name": (lambda tf, v: v.initializer.name, ("", "v", "v", "v", "")),
    "empty": (lambda tf, v: tf.no_op("init"), ("", "", "", "", "")),
}


@pytest.mark.parametrize("what", UPDATES)
def test_what_a_run_does(tf: Any, graph: Any, v: Any, what: str) -> None:
    fetches, expected = UPDATES[what]
    assert effect(plan_of(graph, fetches(tf, v))) == expected


def test_making_a_plan_adds_no_operation(tf: Any, graph: Any, v: Any) -> None:
    init = tf.global_variables_initializer()
    before = graph.version
    graph.finalize()
    plan_of(graph, [init, v, {"a": v.initializer}])
    assert graph.version == before


def test_a_buried_initializer(tf: Any, graph: Any, v: Any) -> None:
    with tf.control_dependencies([v.initializer]):
        after = tf.constant(1.0) + 1
    assert effect(plan_of(graph, after)) == ("v", "v", "v", "", "v")
    assert effect(plan_of(graph, [after, v.initializer])) == ("v", "v", "v", "v", "v")


def test_local_variables_are_not_guarded(tf: Any, graph: Any) -> None:
    local = tf.get_variable("l", initializer=1.0, collections=[tf.GraphKeys.LOCAL_VARIABLES])
    assert effect(plan_of(graph, local.initializer)) == ("l", "l", "l", "", "")
    assert not plan_of(graph, tf.local_variables_initializer()).initializes


@pytest.mark.parametrize(
    ("optimizer", "slots"),
    [
        ("GradientDescentOptimizer(0.1)", ""),
        ("MomentumOptimizer(0.1, 0.9)", "v/Momentum"),
        ("AdamOptimizer()", "beta1_power beta2_power v/Adam v/Adam_1"),
    ],
)
def test_a_training_step(tf: Any, graph: Any, v: Any, optimizer: str, slots: str) -> None:
    name, _, arguments = optimizer.partition("(")
    numbers = [float(number) for number in arguments.rstrip(")").split(",") if number]
    step = tf.train.get_or_create_global_step()
    train = getattr(tf.train, name)(*numbers).minimize(tf.square(v - 1), global_step=step)
    touched, writes, _certain, split, buried = effect(plan_of(graph, train))
    everything = " ".join(sorted([*slots.split(), "global_step", "v"]))
    assert (touched, writes, split, buried) == (everything, everything, "", "")


@pytest.mark.parametrize("lowered", [True, False], ids=["v1", "v2"])
def test_a_write_that_hangs_on_a_condition_is_not_certain(
    tf: Any, graph: Any, v: Any, lowered: bool
) -> None:
    (tf.disable_control_flow_v2 if lowered else tf.enable_control_flow_v2)()
    choice = tf.placeholder(tf.bool, [])
    if not lowered and v.op.type != "VarHandleOp":
        v = tf.get_variable("r", initializer=1.0, use_resource=True)
    name = v.op.name
    either = tf.cond(choice, lambda: tf.identity(v.assign(2.0)), lambda: tf.constant(0.0))
    assert effect(plan_of(graph, either, [choice])) == (name, name, "", "", "")


def test_writes_in_a_loop_and_in_a_function(tf: Any, graph: Any) -> None:
    r = tf.get_variable("r", initializer=1.0, use_resource=True)

    def grow(i: Any) -> Any:
        with tf.control_dependencies([r.assign_add(1.0)]):
            return i + 1

    loop = tf.while_loop(lambda i: i < 3, grow, [tf.constant(0)])
    assert effect(plan_of(graph, loop))[:2] == ("r", "r")

    @tf.function
    def call() -> Any:
        r.assign(5.0)
        return tf.constant(0)

    assert effect(plan_of(graph, call())) == ("r", "r", "", "", "")


def test_feeds_cut_the_walk(tf: Any, graph: Any, v: Any) -> None:
    middle = tf.identity(v)
    grown = tf.assign_add(v, 1.0) if v.op.type == "VariableV2" else tf.identity(v.assign_add(1.0))
    both = middle + grown
    assert effect(plan_of(graph, both)) == ("v", "v", "", "", "")
    assert effect(plan_of(graph, both, [grown])) == ("v", "", "", "", "")
    assert effect(plan_of(graph, both, [grown, middle])) == ("", "", "", "", "")
    assert effect(plan_of(graph, middle, [middle.name])) == ("", "", "", "", "")


def test_an_initializer_with_its_value_fed_is_an_assignment(tf: Any, graph: Any, v: Any) -> None:
    value = v.initializer.inputs[1]
    assert effect(plan_of(graph, v.initializer, [value])) == ("v", "v", "v", "", "")
    fed = tf.placeholder(tf.float32, [])
    given = tf.Variable(fed, name="given")
    expected = ("", "given", "given", "given", "")
    assert effect(plan_of(graph, given.initializer, [fed])) == expected


def test_a_variable_in_no_collection_is_found(tf: Any, graph: Any) -> None:
    for resource in (False, True):
        lone = tf.Variable(1.0, collections=[], use_resource=resource, name=f"lone{resource:d}")
        name = lone.op.name
        assert effect(plan_of(graph, lone.initializer)) == ("", name, name, name, "")


def test_what_initial_values_depend_on(tf: Any, graph: Any, v: Any) -> None:
    guess = tf.cond(tf.is_variable_initialized(v), v.read_value, lambda: v.initial_value)
    w = tf.Variable(guess * 2, name="w")
    plans = PlanCache(graph)
    records = plans.catalogue.records
    assert plans.reads_of(records[w.op.name]) == {"v"}
    assert plans.reads_of(records["v"]) == frozenset()


def test_a_foreign_graph_is_named(tf: Any, graph: Any, v: Any) -> None:
    with tf.Graph().as_default() as other:
        far = tf.constant(1)
    with pytest.raises(ForeignGraph) as raised:
        plan_of(graph, [far, {"a": far}])
    assert raised.value.graph is other


# The cache.


def test_a_plan_is_found_for_the_very_same_elements(tf: Any, graph: Any, v: Any) -> None:
    plans = PlanCache(graph)
    fed = tf.placeholder(tf.float32, [])
    total = fed + v
    plan, displaced = plans.make([total, v], [fed])
    assert displaced == []
    assert plan.cached
    assert plans.find([total, v], {fed: 1}) is plan
    assert plans.find(Pair(total, v), [fed]) is None
    assert plans.find([v, total], [fed]) is None
    assert plans.find([total, v], None) is None
    assert plans.find([total, v, fed], None) is None
    plans.clear()
    assert (plans.find([total, v], [fed]), plan.cached) == (None, False)


def test_the_cache_is_bounded_and_keeps_what_ran_last(tf: Any, graph: Any) -> None:
    plans = PlanCache(graph)
    constants = [tf.constant(number) for number in range(PlanCache.SIZE + 1)]
    made = []
    for number, constant in enumerate(constants[:-1], 1):
        plan, displaced = plans.make(constant, None)
        plan.last_run = (None, number)
        made.append(plan)
        assert displaced == []
    made[0].last_run = (None, len(made) + 1)
    _, displaced = plans.make(constants[-1], None)
    assert displaced == made[1 : 1 + PlanCache.DROPPED]
    assert not any(plan.cached for plan in displaced)
    assert plans.find(constants[0], None) is made[0]
    assert plans.find(constants[1], None) is None
    assert len(list(plans)) == PlanCache.SIZE + 1 - PlanCache.DROPPED


@pytest.mark.parametrize(
    "wrap", [One, lambda fetch: [One(fetch)], lambda fetch: [Empty(), {"a": One(fetch)}]]
)
def test_what_is_in_an_attrs_class_is_part_of_the_key(
    tf: Any, graph: Any, v: Any, wrap: Any
) -> None:
    plans = PlanCache(graph)
    wrapped = wrap(v.initializer)
    plan, _ = plans.make(wrapped, None)
    assert effect(plan) == ("", "v", "v", "v", "")
    assert plans.find(wrapped, None) is plan
    assert plans.find(wrap(v.initializer), None) is plan
    assert plans.find(wrap(tf.identity(v)), None) is None


def test_a_structure_that_may_change_is_not_cached(tf: Any, graph: Any, v: Any) -> None:
    plans = PlanCache(graph)
    wrapped = wrapt.ObjectProxy([v.initializer])
    plan, _ = plans.make(wrapped, None)
    assert effect(plan) == ("", "v", "v", "v", "")
    assert not plan.cached
    assert plans.find(wrapped, None) is None


def test_ids_are_not_given_to_others_while_a_plan_is_cached(tf: Any, graph: Any) -> None:
    plans = PlanCache(graph)
    for number in range(20):
        indices, values = tf.constant([[0]], tf.int64), tf.constant([float(number)])
        sparse = tf.SparseTensor(indices, values, [1])
        assert plans.find(sparse, None) is None
        plans.make(sparse, None)
        del sparse


COMPOSITE = {
    "sparse": lambda tf, x: tf.SparseTensor([[0]], x, [1]),
    "slices": lambda tf, x: tf.IndexedSlices(x, tf.constant([0]), tf.constant([1])),
    "ragged": lambda tf, x: tf.RaggedTensor.from_row_splits(x, [0, 1], validate=False),
}


@pytest.mark.parametrize("kind", COMPOSITE)
def test_composite_tensors_are_seen_through(tf: Any, graph: Any, v: Any, kind: str) -> None:
    grown = tf.reshape(tf.assign_add(v, 1.0), [1])
    composite = COMPOSITE[kind](tf, grown)
    assert effect(plan_of(graph, [composite])) == ("v", "v", "", "", "")
    assert effect(plan_of(graph, composite.values * 2, [composite]))[1] == ""


def test_the_catalogue_follows_the_graph(tf: Any, graph: Any, v: Any) -> None:
    plans = PlanCache(graph)
    assert list(plans.catalogue.records) == ["v"]
    assert plans.catalogue is plans.catalogue
    tf.get_variable("w", initializer=1.0)
    assert list(plans.catalogue.records) == ["v", "w"]
