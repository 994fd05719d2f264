"""Variables are read in sets of fetches that stay: TensorFlow prepares each once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import tensorflow as tf

from jupyter_tfsession.inspection import blocks as module
from jupyter_tfsession.inspection.blocks import SMALL_BYTES, Blocks
from jupyter_tfsession.variables.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jupyter_tfsession.variables.catalogue import VariableRecord

tf1 = tf.compat.v1
BLOCK = 10
MANY = 6 * BLOCK


class Looked:
    """The blocks of a session of many variables, and the sets of fetches that were run for them.

    Attributes
    ----------
    sets
        The sets of fetches, one for each run.
    holding
        Names of the variables that are taken to hold a value.
    """

    def __init__(self, session: Any) -> None:
        self._session = session
        self.records = Catalogue(session.graph).records
        self.holding: set[str] = set(self.records)
        self.sets: list[frozenset[str]] = []
        self.blocks = Blocks(self, self._held)

    def read(self, *numbers: int) -> dict[str, float]:
        """Read variables by their number."""
        wanted = [self.records[f"scope{number % 3}/v{number:02}"] for number in numbers]
        return {name: float(v) for name, v in self.blocks.read(self.records, wanted).items()}

    def run(self, fetches: list[Any], **more: Any) -> Any:
        """Run something, as the session does."""
        self.sets.append(frozenset(fetch.op.name for fetch in fetches))
        return self._session.run(fetches, **more)

    def make_callable(self, fetches: list[Any]) -> Callable[[], Any]:
        """Return what runs something, as the session does."""
        return lambda: self.run(fetches)

    def _held(self, records: Any) -> dict[str, object]:
        return {record.name: record for record in records if record.name in self.holding}


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Looked]:
    monkeypatch.setattr(module, "BLOCK", BLOCK)
    with tf.Graph().as_default() as graph:
        for number in range(MANY):
            name, resource = f"scope{number % 3}/v{number:02}", number % 2 == 0
            tf1.get_variable(name, initializer=float(number), use_resource=resource)
        init = tf1.global_variables_initializer()
    with tf1.Session(graph=graph) as session:
        session.run(init)
        yield Looked(session)


def test_what_is_asked_for_is_read(looked: Looked) -> None:
    assert looked.read(0, 40, 41) == {"scope0/v00": 0, "scope1/v40": 40, "scope2/v41": 41}
    assert looked.read() == {}


def test_a_page_takes_one_set_wherever_its_variables_were_made(looked: Looked) -> None:
    looked.read(*range(0, MANY, 7))
    assert len(looked.sets) == 1
    assert len(looked.sets[0]) == BLOCK


def test_the_same_page_is_prepared_once(looked: Looked) -> None:
    for _ in range(3):
        looked.read(0, 3, 6)
    assert len(looked.sets) == 3
    assert len(set(looked.sets)) == 1


def test_the_next_page_by_name_is_there_already(looked: Looked) -> None:
    looked.read(0, 3, 6)
    looked.read(9, 12, 15)
    assert len(set(looked.sets)) == 1


def test_all_variables_take_few_sets(looked: Looked) -> None:
    assert len(looked.read(*range(MANY))) == MANY
    assert len(looked.sets) == 1


def test_what_holds_no_value_is_left_out(looked: Looked) -> None:
    looked.holding = {"scope0/v00", "scope1/v01"}
    assert looked.read(0, 1, 2) == {"scope0/v00": 0, "scope1/v01": 1}


def test_variables_that_come_one_by_one_share_a_block(looked: Looked) -> None:
    looked.holding = {"scope0/v00"}
    looked.read(0)
    for number in (1, 2, 3):
        looked.holding.add(f"scope{number % 3}/v{number:02}")
        assert len(looked.read(*range(number + 1))) == number + 1
    looked.sets.clear()
    looked.read(0, 1, 2, 3)
    assert len(looked.sets) == 1


def test_a_member_that_holds_no_value_any_more_spoils_no_other(looked: Looked) -> None:
    looked.read(0, 3)
    looked.holding.remove("scope0/v03")
    assert looked.read(0, 3) == {"scope0/v00": 0}
    assert not any(fetch.startswith("scope0/v03/") for fetch in looked.sets[-1])


def test_a_page_from_many_blocks_gets_a_set_of_its_own(looked: Looked) -> None:
    for first in range(0, MANY, BLOCK // 2):
        looked.read(first)
    for number in range(MANY):
        looked.read(number)
    page = range(0, MANY, MANY // 8)
    for _ in range(3):
        assert len(looked.read(*page)) == len(page)
    assert len(looked.sets[-1]) == len(page)


def test_where_its_members_are_is_told(looked: Looked) -> None:
    looked.read(0)
    assert looked.blocks.devices["scope0/v00"].endswith("/device:CPU:0")
    assert len(looked.blocks.devices) == BLOCK


def test_what_turns_out_to_be_big_is_in_no_block() -> None:
    with tf.Graph().as_default() as graph, tf1.Session(graph=graph) as session:
        unknown = tf1.placeholder_with_default(tf.zeros([SMALL_BYTES]), None)
        big = tf1.get_variable("big", initializer=unknown, validate_shape=False)
        small = tf1.get_variable("small", initializer=1.0)
        session.run([big.initializer, small.initializer])
        records: dict[str, VariableRecord] = Catalogue(graph).records
        blocks = Blocks(session, lambda chosen: {record.name: 1 for record in chosen})
        blocks.read(records, records.values())
        assert blocks.sizes == {"big": 4 * SMALL_BYTES}
        assert list(blocks.read(records, records.values())) == ["small"]
