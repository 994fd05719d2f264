"""How a variable's value becomes bytes in a file, and what other programs see there.

The file is one of safetensors, whose types are those of the table below. What they lack is stored
in what they have: complex numbers as pairs of floats, small integers as bytes, strings as a list of
offsets followed by the strings. All numbers are little-endian.
"""

from __future__ import annotations

import math
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from jupyter_tfsession.snapshots.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Array = npt.NDArray[Any]


class Encoding(NamedTuple):
    """How values of one dtype are stored.

    Attributes
    ----------
    stored
        The type that safetensors knows them by.
    numpy
        NumPy's name for that type, or the one of ml_dtypes.
    pairs
        Whether each element takes two of it.
    """

    stored: str
    numpy: str
    pairs: bool = False


_PLAIN = {
    "bool": "BOOL",
    "uint8": "U8",
    "int8": "I8",
    "uint16": "U16",
    "int16": "I16",
    "uint32": "U32",
    "int32": "I32",
    "uint64": "U64",
    "int64": "I64",
    "float16": "F16",
    "float32": "F32",
    "float64": "F64",
    "bfloat16": "BF16",
    "float8_e5m2": "F8_E5M2",
    "float8_e4m3fn": "F8_E4M3",
}

ENCODINGS = {name: Encoding(stored, name) for name, stored in _PLAIN.items()} | {
    "complex64": Encoding("F32", "float32", pairs=True),
    "complex128": Encoding("F64", "float64", pairs=True),
    "int2": Encoding("I8", "int8"),
    "uint2": Encoding("U8", "uint8"),
    "int4": Encoding("I8", "int8"),
    "uint4": Encoding("U8", "uint8"),
    "qint8": Encoding("I8", "int8"),
    "quint8": Encoding("U8", "uint8"),
    "qint16": Encoding("I16", "int16"),
    "quint16": Encoding("U16", "uint16"),
    "qint32": Encoding("I32", "int32"),
    # Bits for which safetensors has no type.
    "float8_e4m3fnuz": Encoding("U8", "uint8"),
    "float8_e4m3b11fnuz": Encoding("U8", "uint8"),
    "float8_e5m2fnuz": Encoding("U8", "uint8"),
    "string": Encoding("U8", "uint8"),
}
"""By the name that TensorFlow gives a dtype."""

_NARROW = frozenset({"int2", "uint2", "int4", "uint4"})


def unstorable(dtype: str) -> str:
    """Say why values of a dtype cannot be stored; empty if they can."""
    return "" if dtype in ENCODINGS else f"a value of type {dtype} cannot be written to a file"


def encoded_size(dtype: str, shape: Sequence[int]) -> int:
    """Return the bytes that a value takes; of strings, those of the offsets alone."""
    encoding = ENCODINGS[dtype]
    count = math.prod(shape)
    if dtype == "string":
        return 8 * (count + 1)
    return count * int(_numpy(encoding.numpy).itemsize) * (2 if encoding.pairs else 1)


def stored_shape(dtype: str, shape: Sequence[int], size: int) -> list[int]:
    """Return the shape by which safetensors knows a value."""
    if dtype == "string":
        return [size]
    return [*shape, 2] if ENCODINGS[dtype].pairs else list(shape)


def encode(dtype: str, array: Array) -> memoryview:
    """Return the bytes of a value, its own where they can be had."""
    import numpy as np

    if dtype == "string":
        return _encode_strings(array)
    array = np.asarray(array)
    stored = _numpy(ENCODINGS[dtype].numpy)
    if dtype in _NARROW:
        array = array.astype(stored)
    array = np.ascontiguousarray(array).reshape(-1)
    if sys.byteorder == "big":
        array = array.view(stored).byteswap()
    return array.view(np.uint8).data


def decode(dtype: str, shape: Sequence[int], data: Array) -> Array:
    """Return the value whose bytes these are; it uses their memory.

    Raises
    ------
    DamagedError
        They are no such value.
    """
    import numpy as np

    if dtype == "string":
        return _decode_strings(shape, data.tobytes())
    array = data
    if sys.byteorder == "big":
        array = array.view(_numpy(ENCODINGS[dtype].numpy)).byteswap().view(np.uint8)
    if dtype in _NARROW:
        array = array.view(_numpy(ENCODINGS[dtype].numpy)).astype(_numpy(dtype))
    value: Array = array.view(_numpy(dtype)).reshape(shape)
    return value


def _encode_strings(array: Array) -> memoryview:
    import numpy as np

    flat = np.asarray(array, dtype=object).reshape(-1)
    items = [item.encode() if isinstance(item, str) else bytes(item) for item in flat]
    offsets = np.zeros(len(items) + 1, "<i8")
    np.cumsum([len(item) for item in items], out=offsets[1:])
    return memoryview(offsets.tobytes() + b"".join(items))


def _decode_strings(shape: Sequence[int], data: bytes) -> Array:
    import numpy as np

    head = encoded_size("string", shape)
    ends = np.frombuffer(data, "<i8", count=head // 8).tolist()
    if ends[0] or ends[-1] != len(data) - head or ends != sorted(ends):
        raise DamagedError("the offsets of its strings are wrong")
    array = np.empty(len(ends) - 1, object)
    for index, (begin, end) in enumerate(pairwise(ends)):
        array[index] = data[head + begin : head + end]
    return array.reshape(shape)


def _numpy(name: str) -> Any:
    """Return a NumPy dtype by TensorFlow's name for it."""
    import numpy as np

    if name[:2] in {"qi", "qu"}:
        # As TensorFlow has them: records of one integer.
        return np.dtype([(name, np.dtype(name[1:]))])
    try:
        return np.dtype(name)
    except TypeError:
        import ml_dtypes  # noqa: PLC0415 - TensorFlow requires it, and has it imported

        return np.dtype(getattr(ml_dtypes, name))
