"""Checksums, worked out while the disk is busy: hashing lets other threads of Python go on."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Digest = Callable[[], str]

_SMALL = 2**16  # handing it to another thread would take longer


@contextmanager
def digesting() -> Iterator[Callable[[memoryview], Digest]]:
    """Give what begins to work out a SHA-256, and returns what waits for it and tells it.

    The data must not change until then.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="tfsession-digest") as pool:

        def begin(data: memoryview) -> Digest:
            if len(data) < _SMALL:
                digest = _digest(data)
                return lambda: digest
            return pool.submit(_digest, data).result

        yield begin


def _digest(data: memoryview) -> str:
    return hashlib.sha256(data).hexdigest()
