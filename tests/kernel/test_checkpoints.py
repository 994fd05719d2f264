"""TensorFlow's checkpoints: read whatever wrote them, and written for whatever reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from keeping import kept, one, refused, rows

if TYPE_CHECKING:
    from pathlib import Path

    from guarding import World

__all__ = ["kept", "one"]

MANY = """
path = {path!r}
with g.as_default():
    w = tf.get_variable("scope/w", initializer=tf.constant(np.random.randn(3, 4), tf.float64))
    text = tf.get_variable("text", initializer=[b"a", b"\\xff\\0", b""])
    half = tf.get_variable("half", initializer=tf.constant([1.5, np.nan], tf.bfloat16))
    whole = tf.get_variable("whole", initializer=tf.constant(np.random.randn(5, 2)),
                            partitioner=tf.fixed_size_partitioner(2))
    saver = tf.train.Saver(write_version={version})
sess.run([x.initializer for x in tf.global_variables()])
everything = tf.global_variables()

def bits():
    return [np.asarray(x).tobytes() if x.dtype != object else x.tolist()
            for x in sess.run(everything)]

before = bits()
"""


@pytest.mark.parametrize("version", [1, 2])
def test_what_a_saver_has_written_is_restored_bit_for_bit(
    kept: World, tmp_path: Path, version: int
) -> None:
    source = MANY.format(path=str(tmp_path / "model.ckpt"), version=version)
    if version == 1:  # which has neither
        source = source.replace(
            '"text", initializer=[b"a", b"\\xff\\0", b""]', '"text", initializer=1'
        )
        source = source.replace("tf.bfloat16", "tf.float32")
    kept.run(source)
    kept.run("saver.save(sess, path)\n%tfsession reset")
    assert kept.value("bits() != before")
    count = kept.operations()
    assert kept.run(f"%tfsession restore {tmp_path}/model.ckpt").text.startswith(
        "restored 6 variables of graph-1 from "
    )
    assert kept.value("bits() == before")
    assert kept.operations() == count
    kept.run("%tfsession undo")
    assert kept.value("bits() != before")


def test_a_saver_restores_what_was_written_bit_for_bit(kept: World, tmp_path: Path) -> None:
    path = tmp_path / "new" / "model.ckpt"
    kept.run(MANY.format(path=str(path), version=2))
    count = kept.operations()
    said = kept.run(f"%tfsession snapshot --format checkpoint {path}").text
    assert said.startswith(f"wrote 6 variables of graph-1 to {path}, for tf.train.Saver()")
    assert kept.operations() == count
    kept.run("%tfsession reset\nsaver.restore(sess, path)")
    assert kept.value("bits() == before")
    kept.run(f"%tfsession reset\n%tfsession restore {path}")
    assert kept.value("bits() == before")


def test_a_finalized_graph_is_written_and_read(one: World, tmp_path: Path) -> None:
    one.run("g.finalize()")
    one.run(f"%tfsession snapshot --format checkpoint {tmp_path}/model")
    one.run("sess.run(add)")
    one.run(f"%tfsession restore {tmp_path}/model")
    assert one.number() == 3.0


def test_object_based_checkpoints_go_by_the_names_that_variables_had(
    one: World, tmp_path: Path
) -> None:
    one.run(f"""
with g.as_default():
    u = tf.get_variable("scope/u", initializer=[1.0, 2.0])
    sess.run(u.initializer)
    with sess.as_default():
        saved = tf.train.Checkpoint(first=v, second=u).save({str(tmp_path / "objects")!r})
%tfsession reset
""")
    one.run(f"%tfsession restore {tmp_path}/objects-1")
    assert one.value("(float(sess.run(v)), sess.run(u).tolist())") == (3.0, [1.0, 2.0])


def test_a_directory_means_its_latest_and_a_name_need_no_slash(one: World, tmp_path: Path) -> None:
    one.run(f"""
import os
os.makedirs({str(tmp_path / "models")!r})
before = os.getcwd()
os.chdir({str(tmp_path / "models")!r})
with g.as_default():
    saver = tf.train.Saver()
saver.save(sess, "./model", global_step=3)
sess.run(add)
""")
    one.run(f"%tfsession restore {tmp_path}/models")
    assert one.number() == 3.0
    one.run("sess.run(add)")
    one.run("%tfsession restore model-3")
    assert one.number() == 3.0
    one.run("os.chdir(before)")


def test_drifted_names_are_mapped(one: World, tmp_path: Path) -> None:
    one.run(f"%tfsession snapshot --format checkpoint {tmp_path}/model")
    one.run("h = tf.Graph()\n"
            "with h.as_default():\n"
            "    v = tf.get_variable('v_1', initializer=0.0); sess = tf.Session()")  # fmt: skip
    restore = f"%tfsession restore {tmp_path}/model --graph graph-2"
    assert rows(one.run(f"{restore} --dry-run").text)[0] == ["v", "has no place (v_1 may be meant)"]
    one.run(f"{restore} --rename v=v_1")
    assert one.number() == 3.0
    text = one.run(f"%tfsession diff {tmp_path}/model --graph graph-1").text
    assert text.splitlines()[-1] == "1 did not change"


def test_what_is_no_checkpoint_is_said_to_be_none(one: World, tmp_path: Path) -> None:
    (tmp_path / "bad.index").write_bytes(b"nothing of the kind" * 9)
    (tmp_path / "bad.data-00000-of-00001").write_bytes(b"")
    for path in ("bad", "nothing", "no/such/place", "."):
        said = refused(one, f"%tfsession restore {tmp_path}/{path}")
        assert said.startswith(f"checkpoint {tmp_path}/{path}: ")
    one.run(f"%tfsession snapshot --format checkpoint {tmp_path}/cut")
    (tmp_path / "cut.data-00000-of-00001").write_bytes(b"")
    one.run("sess.run(add)")
    assert "checkpoint" in refused(one, f"%tfsession restore {tmp_path}/cut")
    assert one.number() == 4.0


def test_what_is_there_is_not_overwritten(one: World, tmp_path: Path) -> None:
    write = f"%tfsession snapshot --format checkpoint {tmp_path}/model"
    one.run(write)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("model*")}
    one.run("sess.run(add)")
    assert "is there already: a checkpoint is not overwritten" in refused(one, write)
    assert {path.name: path.read_bytes() for path in tmp_path.glob("model*")} == before
    assert not list(tmp_path.glob(".partial*"))
    assert "needs a path" in refused(one, "%tfsession snapshot --format checkpoint")


def test_each_value_is_the_snapshots_own(one: World, tmp_path: Path) -> None:
    one.run("import jupyter_tfsession as j")
    one.run("j.snapshot('best')")
    one.run(f"j.snapshot({str(tmp_path / 'model')!r}, checkpoint=True)")
    assert "1 did not change" in one.value(f"str(j.diff('best', {str(tmp_path / 'model')!r}))")
