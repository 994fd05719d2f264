"""A cell run again finds everything it added; edited, it gives what plain TensorFlow gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fidelity import added_as_expected, close, run, see, values
from pieces import PIECES

if TYPE_CHECKING:
    from fidelity import Seen
    from notebook import Notebook
    from pieces import Piece

_OTHER = "other = tf.constant(1.0) * tf.random_uniform([])"


def in_plain(nb: Notebook, piece: Piece, source: str, kind: str) -> Seen:
    nb.execute_silently(f"tf.reset_default_graph(); tf.{kind}_resource_variables()")
    run(nb, source, "build")
    built = see(nb)
    run(nb, piece.running, "use")
    return type(built)(built.nodes, built.collections, see(nb, "result").result)


@pytest.mark.parametrize("kind", ["disable", "enable"], ids=["ref", "resource"])
@pytest.mark.parametrize("name", PIECES)
def test_as_in_plain_tensorflow(nb: Notebook, plain: Notebook, name: str, kind: str) -> None:
    piece = PIECES[name]
    first = in_plain(plain, piece, piece.build, kind)
    edited = in_plain(plain, piece, piece.edited, kind)

    nb.execute_silently(f"tf.{kind}_resource_variables()")
    run(nb, piece.build, "build")
    built = see(nb)
    assert built.nodes == first.nodes
    assert built.collections == first.collections
    run(nb, piece.running, "use")
    assert see(nb, "result").result == close(first.result)

    # Unchanged, with another cell in between.
    run(nb, _OTHER, "other")
    operations, kept = nb.operations(), values(nb)
    run(nb, piece.build, "build")
    run(nb, _OTHER, "other")
    again = see(nb)
    assert values(nb) == kept
    if piece.anew:
        assert again.logical_collections() == first.logical_collections()
    else:
        assert again.collections == first.collections
        assert nb.operations() == operations
    run(nb, "%tfsession close --discard", "close")
    run(nb, piece.running, "use")
    assert see(nb, "result").result == close(first.result)

    # Edited.
    run(nb, piece.edited, "build")
    changed = see(nb)
    if not piece.anew:
        assert added_as_expected(changed.names - again.names, first, edited)
    assert changed.logical_collections() == edited.logical_collections()
    run(nb, f"%tfsession {'close --discard' if piece.stateful else 'reset'}", "again")
    run(nb, piece.running, "use")
    assert see(nb, "result").result == close(edited.result)
    operations = nb.operations()
    run(nb, piece.edited, "build")
    if not piece.anew:
        assert nb.operations() == operations
    nb.execute_silently("tf.disable_resource_variables()")
