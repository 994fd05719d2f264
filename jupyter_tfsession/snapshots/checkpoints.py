"""TensorFlow's checkpoints: read and written by the operations that ``tf.train.Saver`` uses.

They run in a graph and a session of their own, so that the notebook's graph gets none of them.
"""

from __future__ import annotations

import re
import secrets
from collections import Counter
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jupyter_tfsession import tf_checkpoint_internals, tf_internals
from jupyter_tfsession.features import first_line
from jupyter_tfsession.snapshots.disk import Disk
from jupyter_tfsession.snapshots.errors import SnapshotError, explained
from jupyter_tfsession.snapshots.planning import Stored

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    import numpy.typing as npt

    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.snapshots.taking import Moment
    from jupyter_tfsession.tf_checkpoint_internals import Slice

_OBJECTS: Final = "_CHECKPOINTABLE_OBJECT_GRAPH"
_VALUE: Final = re.compile(r"/\.ATTRIBUTES/VARIABLE_VALUE\Z")
_BOOKKEEPING: Final = "save_counter/.ATTRIBUTES/VARIABLE_VALUE"
_SHARD: Final = ".data-00000-of-00001"
_INDEX: Final = ".index"


class Checkpoint:
    """A checkpoint on the disk, of any format that TensorFlow reads.

    Parameters
    ----------
    path
        Its prefix, or a directory with TensorFlow's file ``checkpoint`` in it.
    live
        The session whose graph it is read for: parts of partitioned variables are found by it.
    """

    taken = ""
    """When it was taken, which is not known."""

    def __init__(self, path: str, live: LiveSession) -> None:
        self.reference = self.name = path
        self._prefix = _prefix_of(path)
        self._plain = live.registry.plain
        self._slices = tf_checkpoint_internals.slices_in(live.graph)

    @cached_property
    def _keys(self) -> dict[str, tuple[Stored, str, str]]:
        """What there is, by name, each with its key and which part of that it is."""
        import tensorflow as tf

        with self._explained():
            reader = tf.train.load_checkpoint(self._prefix)
            shapes = reader.get_variable_to_shape_map()
            dtypes = reader.get_variable_to_dtype_map()
            objects = reader.get_tensor(_OBJECTS) if _OBJECTS in shapes else None
        called = _called(objects, shapes)
        keys = {
            called[key]: (Stored(called[key], dtypes[key].name, tuple(shape)), key, "")
            for key, shape in shapes.items()
            if key in called
        }
        for part, (whole, spec) in self._slices.items():
            if whole in keys and part not in keys:
                stored, key, _ = keys[whole]
                shape, of = _part(spec)
                if of == stored.shape:
                    keys[part] = Stored(part, stored.dtype, shape), key, spec
        for whole in {one.whole for part, one in self._slices.items() if part in keys}:
            keys.pop(whole, None)
        return dict(sorted(keys.items()))

    def stored(self) -> list[Stored]:
        """Return what there is.

        Raises
        ------
        SnapshotError
            It cannot be read.
        """
        return [stored for stored, _, _ in self._keys.values()]

    def values(self, names: Collection[str]) -> Iterator[tuple[str, npt.NDArray[Any]]]:
        """Yield the values of these, each with its name.

        Raises
        ------
        SnapshotError
            It cannot be read.
        """
        import tensorflow as tf

        wanted = [(name, *self._keys[name]) for name in self._keys if name in names]
        with self._explained(), _session(self._plain) as run:
            restored = tf.raw_ops.RestoreV2(
                prefix=self._prefix,
                tensor_names=[key for _, _, key, _ in wanted],
                shape_and_slices=[spec for _, _, _, spec in wanted],
                dtypes=[stored.dtype for _, stored, _, _ in wanted],
            )
            values = run(restored, {})
        for (name, stored, _, _), value in zip(wanted, values, strict=True):
            yield name, _as_variable(value, stored.dtype)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        import tensorflow as tf

        try:
            yield
        except (tf.errors.OpError, ValueError, RuntimeError, NotImplementedError) as error:
            raise SnapshotError(f"checkpoint {self.name}: {first_line(error)}") from error


def is_checkpoint(path: str) -> bool:
    """Whether a path leads to a checkpoint, as far as the names of files tell."""
    try:
        prefix = Path(_prefix_of(path))
        return prefix.is_file() or Path(f"{prefix}{_INDEX}").is_file()
    except (OSError, ValueError):  # such as a name that is too long, or a NUL
        return False


def write(path: str, moment: Moment, live: LiveSession, disk: Disk | None = None) -> int:
    """Write a checkpoint that ``tf.train.Saver`` reads; return how many variables are in it.

    It appears with its index, which comes last; what is there already is never overwritten.

    Raises
    ------
    SnapshotError
        It cannot be written.
    """
    disk = disk or Disk()
    target = Path(path).expanduser()
    with explained(f"write {path}"):
        target.parent.mkdir(parents=True, exist_ok=True)
        _refuse_to_overwrite(target)
        partial = target.parent / f".partial-{secrets.token_hex(8)}"
        disk.make_directory(partial)
        try:
            count = _save(str(partial / "model"), moment, live)
            for ending in (_SHARD, _INDEX):
                _sync(disk, partial / f"model{ending}")
            _refuse_to_overwrite(target)
            for ending in (_SHARD, _INDEX):
                disk.rename(partial / f"model{ending}", Path(f"{target}{ending}"))
            disk.sync_directory(target.parent)
        finally:
            with suppress(OSError):
                disk.remove(partial)
    return count


def _save(prefix: str, moment: Moment, live: LiveSession) -> int:
    import tensorflow as tf

    slices: Mapping[str, Slice] = tf_checkpoint_internals.slices_in(live.graph)
    with moment.contents() as contents, _session(live.registry.plain) as run:
        parts = [slices.get(one.operation) for one in contents.variables]
        fed = [tf.compat.v1.placeholder(one.dtype, one.shape) for one in contents.variables]
        saved = tf.raw_ops.SaveV2(
            prefix=prefix,
            tensor_names=[
                part.whole if part else one.name
                for one, part in zip(contents.variables, parts, strict=True)
            ],
            shape_and_slices=[part.spec if part else "" for part in parts],
            tensors=fed,
        )
        try:
            run(saved, dict(zip(map(tf_internals.Fed, fed), contents.values, strict=True)))
        except tf.errors.OpError as error:
            raise SnapshotError(f"TensorFlow cannot write it: {first_line(error)}") from error
        return len(contents.variables)


@contextmanager
def _session(plain: Any) -> Iterator[Callable[[Any, Any], Any]]:
    """Give the ``run`` of a session whose graph is the default one; both are gone afterwards."""
    import tensorflow as tf

    with tf.Graph().as_default() as graph, tf.device("/cpu:0"):
        session = plain("", graph, tf.compat.v1.ConfigProto(device_count={"GPU": 0}))
        try:
            yield session.run
        finally:
            session.close()


def _refuse_to_overwrite(target: Path) -> None:
    for ending in (_INDEX, _SHARD, ""):
        if Path(f"{target}{ending}").exists():
            raise SnapshotError(
                f"{target}{ending} is there already: a checkpoint is not overwritten, since what "
                "is killed half-way would leave none; give another name"
            )


def _sync(disk: Disk, path: Path) -> None:
    descriptor = disk.open(path)
    try:
        disk.sync(descriptor)
    finally:
        disk.close(descriptor)


def _prefix_of(path: str) -> str:
    """Return the prefix of a checkpoint, of the latest one where the path is a directory."""
    import tensorflow as tf

    expanded = str(Path(path).expanduser())
    if not Path(expanded).is_dir():
        return expanded.removesuffix(_INDEX)
    return tf.train.latest_checkpoint(expanded) or expanded


def _called(objects: bytes | None, keys: Collection[str]) -> dict[str, str]:
    """Return what the variables of a checkpoint were called, by their keys."""
    if objects is None:
        return {key: key for key in keys}
    known = tf_checkpoint_internals.names_of_keys(objects)
    values = [key for key in keys if key not in {_OBJECTS, _BOOKKEEPING}]
    often = Counter(known.get(key, key) for key in values)
    return {
        key: known[key] if key in known and often[known[key]] == 1 else _VALUE.sub("", key)
        for key in values
    }


def _part(spec: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the shapes of a part and of the whole."""
    *whole, part = spec.split(" ")
    lengths = (interval.split(",")[1] for interval in part.split(":"))
    return tuple(map(int, lengths)), tuple(map(int, whole))


def _as_variable(value: Any, dtype: str) -> npt.NDArray[Any]:
    import numpy as np
    import tensorflow as tf

    return np.asarray(value, dtype=tf.as_dtype(dtype).as_numpy_dtype)
