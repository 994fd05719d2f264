"""A cell run again finds everything it added; edited, it gives what plain TensorFlow gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fidelity import Seen, added_as_expected, close, run, see, values
from pieces import CONTROL_FLOW, PIECES, TRAINING, VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from notebook import Notebook
    from pieces import Piece

_OTHER = "other = tf.constant(1.0) * tf.random_uniform([])"


@pytest.fixture
def kind(request: pytest.FixtureRequest, nb: Notebook, plain: Notebook) -> Iterator[str]:
    """Switch both kernels to a kind of variables or of control flow; off by default."""
    for kernel in (nb, plain):
        kernel.execute_silently(f"tf.enable_{request.param}()")
    yield request.param
    for kernel in (nb, plain):
        kernel.execute_silently(f"tf.disable_{request.param}()")


def in_plain(nb: Notebook, piece: Piece, source: str) -> Seen:
    nb.execute_silently("tf.reset_default_graph()")
    run(nb, source, "build")
    built = see(nb)
    run(nb, piece.running, "use")
    return Seen(built.nodes, built.collections, see(nb, "result").result)


@pytest.mark.parametrize("kind", ["resource_variables"], indirect=True)
@pytest.mark.parametrize("name", PIECES)
def test_with_resource_variables(nb: Notebook, plain: Notebook, name: str, kind: str) -> None:
    check(nb, plain, PIECES[name])


@pytest.mark.parametrize("name", [*VARIABLES, *TRAINING])
def test_with_variables_by_reference(nb: Notebook, plain: Notebook, name: str) -> None:
    check(nb, plain, PIECES[name])


@pytest.mark.parametrize("kind", ["control_flow_v2"], indirect=True)
@pytest.mark.parametrize("name", CONTROL_FLOW)
def test_with_control_flow_in_functions(
    nb: Notebook, plain: Notebook, name: str, kind: str
) -> None:
    check(nb, plain, PIECES[name], anew=True)


def check(nb: Notebook, plain: Notebook, piece: Piece, *, anew: bool = False) -> None:
    anew = anew or piece.anew
    first = in_plain(plain, piece, piece.build)
    edited = in_plain(plain, piece, piece.edited)

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
    if anew:
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
    if not anew:
        assert added_as_expected(changed.names - again.names, first, edited, coarsely=piece.coarse)
    assert changed.logical_collections() == edited.logical_collections()
    run(nb, f"%tfsession {'close --discard' if piece.stateful else 'reset'}", "again")
    run(nb, piece.running, "use")
    assert see(nb, "result").result == close(edited.result)
    operations = nb.operations()
    run(nb, piece.edited, "build")
    if not anew:
        assert nb.operations() == operations
