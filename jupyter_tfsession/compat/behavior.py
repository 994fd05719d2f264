"""The switch of TensorFlow 2's behaviour, which is the whole process's."""

from __future__ import annotations

import importlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from jupyter_tfsession import tf_internals
from jupyter_tfsession.features import UserError

_V1: Final = "tensorflow.compat.v1"

_TOO_LATE: Final = (
    "TensorFlow 2 behaviour cannot be switched off inside a `graph.as_default()`: import "
    "TensorFlow outside of it, or restart the kernel"
)
_NO_WAY_BACK: Final = (
    "TensorFlow 2 behaviour cannot be switched on while the default graph is in use: "
    "tf.reset_default_graph() forgets that graph and makes it possible, or restart the kernel"
)
_ONLY_IN_PART: Final = (
    "eager execution was already off before compat, and TensorFlow cannot switch the rest of its "
    "version 2 behaviour on alone: restart the kernel for that"
)


@dataclass
class _Before:
    """What was on when `switch_v2_behavior_off` changed it; nothing while it has not.

    `seen_to` tells whether it was switched off, or found off, since it was last switched back.
    """

    eager: bool = False
    rest: bool = False
    seen_to: bool = False


_before = _Before()


def switch_v2_behavior_off() -> bool:
    """Switch TensorFlow 2's behaviour off, importing TensorFlow; return whether it was on.

    That also works after eager operations ran, but eager tensors, variables and ``tf.function``
    made before cannot be used in a graph: the cells that made them have to run again.

    Raises
    ------
    UserError
        While a graph is entered: leaving it would bring eager execution back.
    """
    tf1 = importlib.import_module(_V1)
    eager = tf1.executing_eagerly()
    rest = tf1.resource_variables_enabled() or tf_internals.control_flow_v2_is_on()
    if not (eager or rest):
        _before.seen_to = True
        return False
    if not eager and _eager_elsewhere(tf1):
        raise UserError(_TOO_LATE)
    _before.eager, _before.rest, _before.seen_to = eager, rest, True
    _disable(tf1)
    return True


def see_to_v2_behavior() -> None:
    """Switch TensorFlow 2's behaviour off, if that was not done since it was switched back.

    A notebook that switches it on itself, as ``tf.enable_eager_execution()`` does, means that also
    when it imports TensorFlow once more. Errors are those of `switch_v2_behavior_off`.
    """
    if not _before.seen_to:
        switch_v2_behavior_off()


def switch_v2_behavior_back() -> bool:
    """Undo `switch_v2_behavior_off`; return whether there was anything to undo.

    What was off before it, by the notebook's own ``tf.disable_v2_behavior()``, stays off.

    Raises
    ------
    UserError
        When TensorFlow does not allow it any more; its behaviour is then as it was.
    """
    _before.seen_to = False
    if not (_before.eager or _before.rest):
        return False
    if not _before.eager:
        raise UserError(_ONLY_IN_PART)
    tf1 = importlib.import_module(_V1)
    try:
        tf1.enable_v2_behavior()
    except ValueError as error:
        # It has changed half of it when it fails.
        _disable(tf1)
        raise UserError(_NO_WAY_BACK) from error
    _before.eager = _before.rest = False
    return True


def _eager_elsewhere(tf1: Any) -> bool:
    # A new thread has entered no graph, so it shows the mode that leaving a graph returns to.
    with ThreadPoolExecutor(1) as threads:
        return bool(threads.submit(tf1.executing_eagerly).result())


def _disable(tf1: Any) -> None:
    # TensorFlow warns that resource variables should stay on, which is no news to TF1 code.
    verbosity = tf1.logging.get_verbosity()
    tf1.logging.set_verbosity(tf1.logging.ERROR)
    try:
        tf1.disable_v2_behavior()
    finally:
        tf1.logging.set_verbosity(verbosity)
