"""Reading a snapshot: damage of any kind is found, named, and costs nothing."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import random
import subprocess
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from storing import READS, VALUES, FaultyDisk, contents, put, same, still_open, store_at

from jupyter_tfsession.snapshots.encoding import ENCODINGS, _numpy, decode, encode, encoded_size
from jupyter_tfsession.snapshots.errors import DamagedError, SnapshotError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jupyter_tfsession.snapshots.reading import Snapshot

FILES = ("manifest.json", "manifest.sha256", "data.safetensors")


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    return put(store_at(tmp_path / "snapshots"), "best")


def again(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot as another process finds it."""
    (found,) = store_at(snapshot.path.parent).snapshots()
    return found


def edited(snapshot: Snapshot, edit: Callable[[dict[str, Any]], None]) -> Snapshot:
    """Change a manifest and its checksum."""
    manifest = json.loads((snapshot.path / "manifest.json").read_text())
    edit(manifest)
    text = json.dumps(manifest).encode()
    (snapshot.path / "manifest.json").write_bytes(text)
    checksum = f"{hashlib.sha256(text).hexdigest()}  manifest.json\n"
    (snapshot.path / "manifest.sha256").write_text(checksum)
    return again(snapshot)


@pytest.mark.parametrize("file", FILES)
def test_every_flipped_bit_is_found(snapshot: Snapshot, file: str) -> None:
    path = snapshot.path / file
    whole = path.read_bytes()
    chance = random.Random(7)
    for index in range(len(whole)):
        damaged = bytearray(whole)
        damaged[index] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        with pytest.raises(SnapshotError, match=r"^snapshot best at ") as caught:
            contents(again(snapshot))
        assert "\n" not in str(caught.value)
    path.write_bytes(whole)
    assert same(contents(again(snapshot)), VALUES)


@pytest.mark.parametrize("file", FILES)
def test_every_truncation_and_any_addition_is_found(snapshot: Snapshot, file: str) -> None:
    path = snapshot.path / file
    whole = path.read_bytes()
    for damaged in [*(whole[:size] for size in range(len(whole))), whole + b"\0"]:
        path.write_bytes(damaged)
        with pytest.raises(DamagedError):
            contents(again(snapshot))
        assert again(snapshot).damage


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_found(snapshot: Snapshot, file: str) -> None:
    (snapshot.path / file).unlink()
    assert "it is not there any more" in again(snapshot).damage


@pytest.mark.parametrize("file", FILES)
def test_a_file_that_is_a_symbolic_link_is_not_followed(snapshot: Snapshot, file: str) -> None:
    path = snapshot.path / file
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))
    assert "a symbolic link is in its place" in again(snapshot).damage


def test_a_wrong_value_is_named(snapshot: Snapshot) -> None:
    path = snapshot.path / "data.safetensors"
    whole = bytearray(path.read_bytes())
    whole[-1] ^= 1
    path.write_bytes(whole)
    with pytest.raises(DamagedError, match=r"the value of \.\./x does not have its checksum"):
        contents(again(snapshot))


def test_the_nth_failed_read_is_an_error_and_leaks_nothing(snapshot: Snapshot) -> None:
    disk = FaultyDisk(READS)
    contents(store_at(snapshot.path.parent, disk).find("best"))
    assert disk.steps > 6
    for fail_at in range(1, disk.steps + 1):
        with pytest.raises(SnapshotError):
            contents(store_at(snapshot.path.parent, FaultyDisk(READS, fail_at)).find("best"))
        assert not still_open(snapshot.path.parent)


def test_a_damaged_one_is_not_the_last(snapshot: Snapshot) -> None:
    store = store_at(snapshot.path.parent)
    later = put(store, "later")
    (later.path / "data.safetensors").write_bytes(b"")
    assert store.find("last").name == "best"
    assert [bool(one.damage) for one in store.snapshots()] == [False, True]


def _version(manifest: dict[str, Any]) -> None:
    manifest["version"] = 2
    manifest["new"] = "something that only version 2 has"


def test_a_newer_version_is_said_to_be_newer(snapshot: Snapshot) -> None:
    with pytest.raises(SnapshotError, match="version 2 of the format and this one reads up to 1"):
        contents(edited(snapshot, _version))


LIES: dict[str, Callable[[dict[str, Any]], None]] = {
    "another format": lambda m: m.update(format="other"),
    "no such version": lambda m: m.update(version=0),
    "an unknown field": lambda m: m.update(code="__import__('os')"),
    "a type nobody knows": lambda m: m["variables"][0].update(dtype="object"),
    "a shape that is huge": lambda m: m["variables"][0].update(shape=[2**40, 2**20]),
    "a shape that overflows": lambda m: m["variables"][0].update(shape=[2**62, 4]),
    "a negative shape": lambda m: m["variables"][0].update(shape=[-2, -3]),
    "an end that is huge": lambda m: m["variables"][-1].update(end=2**61),
    "an end before its begin": lambda m: m["variables"][0].update(begin=24, end=0),
    "values that overlap": lambda m: m["variables"][1].update(begin=0),
    "a header that is huge": lambda m: m["data"].update(header=2**50, size=2**50 + 41),
    "another file": lambda m: m["data"].update(file="../../etc/passwd"),
    "one name twice": lambda m: m["variables"][1].update(name="w"),
    "a name that is no text": lambda m: m["variables"][0].update(name=None),
    "another name than its directory's": lambda m: m.update(name="other"),
    "no values": lambda m: m.pop("variables"),
    "a checksum that is none": lambda m: m["variables"][0].update(sha256="0" * 63 + "\n"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_manifest_that_lies_is_refused_before_its_sizes_are_asked_for(
    snapshot: Snapshot, lie: str
) -> None:
    with pytest.raises(SnapshotError, match=r"^snapshot best at "):
        contents(edited(snapshot, LIES[lie]))


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[" * 100_000, b"null", b"\xff\xfe", b'{"format": 1}', b"{}" * 9]
)
def test_a_manifest_that_is_no_json_is_refused(snapshot: Snapshot, text: bytes) -> None:
    (snapshot.path / "manifest.json").write_bytes(text)
    with pytest.raises(DamagedError):
        contents(again(snapshot))


def test_a_pickle_is_never_loaded(snapshot: Snapshot, tmp_path: Path) -> None:
    class Payload:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(tmp_path / "executed"),)

    for file in FILES:
        (snapshot.path / file).write_bytes(pickle.dumps(Payload()))
        assert again(snapshot).damage
    assert not (tmp_path / "executed").exists()


def test_strings_whose_offsets_lie(tmp_path: Path) -> None:
    good = bytes(encode("string", np.array([b"ab", b"c"], object)))
    for index, offset in ((0, 1), (1, 4), (1, -1), (2, 2), (2, 2**60)):
        offsets = np.frombuffer(good[:24], "<i8").copy()
        offsets[index] = offset
        with pytest.raises(DamagedError, match="offsets"):
            decode("string", [2], np.frombuffer(offsets.tobytes() + good[24:], np.uint8))


def test_any_safetensors_reader_can_read_the_values(tmp_path: Path) -> None:
    values = VALUES | {
        "c": np.array([1 + 2j], np.complex64),
        "half": np.ones(3, ml_dtypes.bfloat16),
    }
    path = put(store_at(tmp_path / "snapshots"), "best", values).path
    text = (path / "data.safetensors").read_bytes()
    size = int.from_bytes(text[:8], "little")
    header = json.loads(text[8 : 8 + size])
    assert header.pop("__metadata__") == {"format": "jupyter_tfsession snapshot", "version": "1"}
    assert {name: (one["dtype"], one["shape"]) for name, one in header.items()} == {
        "w": ("F32", [2, 3]), "b": ("I64", [2]), "../x": ("U8", []),
        "c": ("F32", [1, 2]), "half": ("BF16", [3]),
    }  # fmt: skip
    ends = [0, *(one["data_offsets"][1] for one in header.values())]
    assert [one["data_offsets"] for one in header.values()] == [
        list(pair) for pair in pairwise(ends)
    ]
    assert 8 + size + ends[-1] == len(text)
    begin, end = header["w"]["data_offsets"]
    data = np.frombuffer(text[8 + size :][begin:end], "<f4").reshape(2, 3)
    assert np.array_equal(data, VALUES["w"])
    subprocess.run(["sha256sum", "--quiet", "-c", "manifest.sha256"], cwd=path, check=True)


KNOWN = [
    dtype
    for dtype in sorted(ENCODINGS.keys() - {"string"})
    if dtype == "bool" or dtype.startswith("q") or hasattr(np, dtype) or hasattr(ml_dtypes, dtype)
]


@pytest.mark.parametrize("dtype", KNOWN)
def test_every_dtype_comes_back_bit_for_bit(dtype: str) -> None:
    numpy = _numpy(dtype)
    bits = np.arange(256, dtype=np.uint8)
    if dtype in {"int4", "uint4", "int2", "uint2"}:
        array = (bits % (2 ** int(dtype[-1]))).astype(np.int8).astype(numpy).reshape(8, 32)
    elif dtype == "bool":
        array = (bits % 2 == 0).reshape(8, 32)
    else:
        array = np.resize(bits, numpy.itemsize * 256).view(numpy).reshape(8, 32)
    for value in (array, array[:0], array.reshape(-1)[1].reshape(()), np.asfortranarray(array)):
        data = np.array(encode(dtype, value))
        assert len(data) == encoded_size(dtype, value.shape)
        back = decode(dtype, value.shape, data)
        assert back.dtype == value.dtype
        assert back.shape == value.shape
        assert back.tobytes() == np.ascontiguousarray(value).tobytes()


@given(
    arrays.arrays(
        object, arrays.array_shapes(min_dims=0, min_side=0), elements=st.binary(max_size=20)
    )
)
def test_strings_come_back(array: Any) -> None:
    data = np.array(encode("string", array))
    back = decode("string", array.shape, data)
    assert back.shape == array.shape
    assert back.tolist() == array.tolist()
