"""What a session is configured with, and what of it cannot change any more."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_tfsession.sessions.config import effective, unchangeable


@pytest.fixture(scope="module")
def tf() -> Any:
    """Give TensorFlow, which takes seconds to import."""
    import tensorflow as tf

    return tf.compat.v1


def options(config: Any) -> tuple[bool, bool, bool]:
    return (
        config.graph_options.place_pruned_graph,
        config.allow_soft_placement,
        config.gpu_options.allow_growth,
    )


def test_without_a_config_operations_are_placed_softly_and_memory_grows() -> None:
    assert options(effective(None)) == (False, True, True)
    assert options(effective(None, pruned=True)) == (True, True, True)


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("growth", [False, True])
def test_the_notebooks_own_config_stays_what_it_is(tf: Any, soft: bool, growth: bool) -> None:
    config = tf.ConfigProto(allow_soft_placement=soft, log_device_placement=True)
    config.gpu_options.allow_growth = growth
    before = config.SerializeToString(deterministic=True)
    result = effective(config)
    assert options(result) == (False, soft, growth)
    assert result.log_device_placement
    assert config.SerializeToString(deterministic=True) == before
    assert result == config
    assert options(effective(config, pruned=True)) == (True, soft, growth)


UNCHANGEABLE = [
    ({}, []),
    ({"log_device_placement": True, "allow_soft_placement": True}, []),
    ({"intra_op_parallelism_threads": 2}, ["intra_op_parallelism_threads"]),
    ({"inter_op_parallelism_threads": 2}, ["inter_op_parallelism_threads"]),
    ({"inter_op_parallelism_threads": 2, "use_per_session_threads": True}, []),
    (
        {"intra_op_parallelism_threads": 2, "use_per_session_threads": True},
        ["intra_op_parallelism_threads"],
    ),
    (
        {"gpu_options": {"per_process_gpu_memory_fraction": 0.5, "allow_growth": True}},
        ["gpu_options.per_process_gpu_memory_fraction", "gpu_options.allow_growth"],
    ),
    (
        {"gpu_options": {"visible_device_list": "0"}, "intra_op_parallelism_threads": 1},
        ["gpu_options.visible_device_list", "intra_op_parallelism_threads"],
    ),
]


@pytest.mark.parametrize(("fields", "named"), UNCHANGEABLE)
def test_what_holds_for_the_process_is_named(tf: Any, fields: dict, named: list[str]) -> None:
    gpu = tf.GPUOptions(**fields.get("gpu_options", {}))
    rest = {name: value for name, value in fields.items() if name != "gpu_options"}
    wanted = tf.ConfigProto(gpu_options=gpu, **rest)
    assert sorted(unchangeable(tf.ConfigProto(), wanted)) == sorted(named)
    assert unchangeable(wanted, wanted) == []
