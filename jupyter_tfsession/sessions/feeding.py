"""What is fed, converted and checked as ``Session.run`` does, but looked up only once."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

from jupyter_tfsession import tf_session_internals as internals
from jupyter_tfsession.tf_session_internals import NotCovered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SAFE: Final = {
    "bool": (0, 1),
    "float16": (-(2**11), 2**11),
    "bfloat16": (-(2**8), 2**8),
    "float32": (-(2**24), 2**24),
    "float64": (-(2**53), 2**53),
    "complex64": (-(2**24), 2**24),
    "complex128": (-(2**53), 2**53),
    **{f"int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": (0, 2**bits - 1) for bits in (8, 16, 32, 64)},
}
"""The whole numbers that each type holds exactly, by its name."""

_NONE_SAFE: Final = (1, 0)


class Feed:
    """A tensor that is fed, and what is known of it.

    Attributes
    ----------
    tensor
        The tensor.
    output
        What stands for it in the C interface.
    dtype
        The type of the arrays that are passed on as they are.
    seen
        Its static shape, and the last shape of a value that was found to fit it. The notebook may
        set another static shape, which is another object.
    """

    __slots__ = ("_convert", "_never_plain", "_safe", "_type", "dtype", "output", "seen", "tensor")

    def __init__(self, tensor: Any) -> None:
        import numpy as np

        self.tensor = tensor
        self.output = internals.output_of(tensor)
        self.seen: tuple[Any, Any] = (None, None)
        self._type = tensor.dtype.as_numpy_dtype
        self._convert = internals.as_array()
        self._never_plain = internals.never_plain()
        self._safe = _SAFE.get(tensor.dtype.base_dtype.name, _NONE_SAFE)
        sample = np.zeros(1, self._type)
        self.dtype = sample.dtype if self._convert(sample, self._type) is sample else None

    def array(self, value: Any) -> Any:
        """Convert a value that is no array of the right type.

        Raises
        ------
        NotCovered
            TensorFlow refuses it, or treats it in another way.
        """
        if isinstance(value, self._never_plain):
            raise NotCovered
        if isinstance(value, int):
            low, high = self._safe
            if not (type(value) in (int, bool) and low <= value <= high):
                raise NotCovered
        return self._convert(value, self._type)

    def check(self, shape: tuple[int, ...]) -> None:
        """Check the shape of a value, and remember it if it fits."""
        static = self.tensor.shape
        if not static.is_compatible_with(shape):
            raise NotCovered
        self.seen = (static, shape)


class Feeds:
    """All that is fed in a run.

    Parameters
    ----------
    graph, feed_dict
        The graph, and feeds of it with values of some kind.

    Raises
    ------
    Exception
        They are not covered.
    """

    def __init__(self, graph: Any, feed_dict: Any) -> None:
        import numpy as np

        self._ndarray = np.ndarray
        self._nested = any(isinstance(feed, tuple) for feed in feed_dict or ())
        self._splits: list[tuple[int, Callable[[Any, Any], Any] | None]] = []
        self.all: list[Feed] = []
        for leaf in (internals.flatten(feed_dict) if self._nested else feed_dict) or ():
            parts, split = internals.feeds_of(leaf)
            self._splits.append((len(parts), split))
            self.all.extend(Feed(internals.fed_tensor(graph, part)) for part in parts)
        self._whole = not self._nested and all(split is None for _, split in self._splits)
        if len({id(feed.tensor) for feed in self.all}) < len(self.all):
            raise NotCovered  # under two names, say: the last one counts

    def take(self, feed_dict: Any) -> dict[Any, Any]:
        """Return the arrays to be fed, in the order of `all`.

        Raises
        ------
        Exception
            TensorFlow has to do it, or to say what is wrong.
        """
        kind = type(feed_dict)
        if kind is not dict and kind is not OrderedDict:
            raise NotCovered
        ndarray = self._ndarray
        fed = {}
        values = feed_dict.values() if self._whole else self._parts(feed_dict)
        for feed, value in zip(self.all, values, strict=True):
            array = value
            if type(value) is not ndarray or value.dtype is not feed.dtype:
                array = feed.array(value)
            static, shape = feed.seen
            if array.shape != shape or feed.tensor.shape is not static:
                feed.check(array.shape)
            fed[feed.output] = array
        return fed

    def _parts(self, feed_dict: Any) -> Iterator[Any]:
        flat = internals.flatten(feed_dict) if self._nested else feed_dict
        for (count, split), (leaf, value) in zip(self._splits, flat.items(), strict=True):
            if split is None:
                yield value
                continue
            parts = list(split(leaf, value))
            if len(parts) != count:
                raise NotCovered
            for _, part in parts:
                yield part
