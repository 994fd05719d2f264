"""A managed session and a plain one of the same graph, in this process."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from pair import Pair

from jupyter_tfsession.cells import CellTracker
from jupyter_tfsession.features import Features
from jupyter_tfsession.notices import Notices
from jupyter_tfsession.sessions.registry import Registry
from jupyter_tfsession.settings import TFSession
from jupyter_tfsession.snapshots.undo import UndoBudget

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def registry() -> Registry:
    warnings: list[str] = []
    features = Features(warnings.append)
    cells = CellTracker(SimpleNamespace(), features)
    settings = TFSession()
    made = Registry(settings, cells, Notices(), features, UndoBudget(lambda: settings.undo_bytes))
    made.stand_ins()
    made.active = True
    return made


@pytest.fixture
def pair(registry: Registry) -> Iterator[Pair]:
    """Give both sessions of a new graph, which is the default one."""
    import tensorflow.compat.v1 as tf

    with tf.Graph().as_default() as graph:
        plain = registry.plain(graph=graph)
        managed = registry.get_or_create(graph)
        managed._live.engine()
        yield Pair(managed, plain)
        plain.close()
        managed.close()
    assert not [feature for feature in registry.features if feature.off_because]


@pytest.fixture
def tf() -> Any:
    import tensorflow.compat.v1 as tf

    return tf
