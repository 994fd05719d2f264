"""What the rewritten imports of a cell call."""

from __future__ import annotations

import importlib
import logging
from types import ModuleType
from typing import Any, Final

from jupyter_tfsession.compat.behavior import see_to_v2_behavior
from jupyter_tfsession.features import UserError

logger = logging.getLogger(__name__)

V1: Final = "tensorflow.compat.v1"


def prepare() -> None:
    """Switch TensorFlow 2's behaviour off, when the running shell still wants that.

    A function that a cell defined may run its import long after ``%tfsession compat off``.
    An error of ours or of TensorFlow's import is left for the import statement that follows.

    Raises
    ------
    UserError
        When it is too late to switch.
    """
    from IPython.core.getipython import get_ipython  # noqa: PLC0415 - not needed to load

    from jupyter_tfsession.compat.imports import is_installed  # noqa: PLC0415 - it calls us

    try:
        shell = get_ipython()
        if shell is not None and is_installed(shell):
            see_to_v2_behavior()
    except UserError:
        raise
    except Exception:
        logger.debug("TensorFlow 2 behaviour was not switched off", exc_info=True)


def has(path: str) -> bool:
    """Whether TensorFlow 1's API has something usable at a dotted path such as ``nn.relu``."""
    try:
        found = get(path)
        # A lazily loaded module (keras, without tf_keras) shows only now that it cannot load.
        if isinstance(found, ModuleType):
            dir(found)
    except Exception:  # noqa: BLE001 - whatever it is, TensorFlow 1's API cannot be used here
        return False
    return True


def get(path: str) -> Any:
    """Return what TensorFlow 1's API has at a dotted path; AttributeError where it has nothing."""
    found: Any = importlib.import_module(V1)
    for name in path.split("."):
        found = getattr(found, name)
    return found
