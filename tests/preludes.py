"""How the notebooks of the tests begin."""

from __future__ import annotations

from typing import Final

_TENSORFLOW: Final = "import numpy as np, tensorflow.compat.v1 as tf"
PRELUDES: Final = {
    "tf1": f"{_TENSORFLOW}; tf.disable_v2_behavior()",
    "graph": f"{_TENSORFLOW}; tf.disable_eager_execution()",
    "eager": _TENSORFLOW,
    "plain": "",
}
