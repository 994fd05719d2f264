"""Snapshots on the server's disk over HTTP: nothing but them, whole, whoever took them."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

from jupyter_process import run

if TYPE_CHECKING:
    from jupyter_process import JupyterProcess
    from model_kernel import Model


def listed(server: JupyterProcess, directory: str = "part") -> list[dict[str, object]]:
    answer = server.api(f"/snapshots?directory={directory}")
    assert answer.status == 200, answer.body
    found: list[dict[str, object]] = answer.json["snapshots"]
    return found


def test_snapshots_are_listed_downloaded_and_deleted(server: JupyterProcess, model: Model):
    run(model.client, "%tfsession snapshot best", "%tfsession snapshot best")
    latest, before = listed(server)
    assert (latest["name"], before["name"]) == ("best", "best~1")
    assert (latest["variables"], latest["damage"]) == (2, "")

    answer = server.api(f"/snapshots/{latest['id']}?directory=part")
    assert answer.headers["Content-Type"] == "application/x-tar"
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    folder = server.root / "part" / "tfsession-snapshots" / str(latest["id"])
    with tarfile.open(fileobj=io.BytesIO(answer.body)) as archive:
        assert len(archive.getnames()) == 3
        for member in archive.getmembers():
            there, _, file = member.name.partition("/")
            kept = archive.extractfile(member)
            assert there == latest["id"]
            assert kept is not None
            assert kept.read() == (folder / file).read_bytes()

    assert server.api(f"/snapshots/{latest['id']}?directory=part", "DELETE").status == 204
    assert not folder.exists()
    assert [one["name"] for one in listed(server)] == ["best"]
    assert server.api(f"/snapshots/{latest['id']}?directory=part", "DELETE").status == 404
    assert server.api(f"/snapshots/{before['id']}?directory=part", "DELETE").status == 204
    assert listed(server) == []


def test_nothing_outside_is_within_reach(server: JupyterProcess, model: Model):
    run(model.client, "%tfsession snapshot mine")
    (mine,) = listed(server)
    secrets = server.root.parent / "secrets"
    (secrets / "tfsession-snapshots").mkdir(parents=True)
    (server.root / "link").symlink_to(secrets)
    # What would be a snapshot, were it not a link.
    inside = server.root / "part" / "tfsession-snapshots" / str(mine["id"])
    inside.rename(secrets / "tfsession-snapshots" / str(mine["id"]))
    inside.symlink_to(secrets / "tfsession-snapshots" / str(mine["id"]))
    for directory in (
        "..%2Fsecrets",
        "part%2F..%2F..%2Fsecrets",
        f"%2F{str(secrets)[1:]}".replace("/", "%2F"),
        "link",
        "%00",
        "..%5Csecrets",
        ".hidden",
        "part%2Ftfsession-snapshots%2F..%2F..",
    ):
        for method in ("GET", "DELETE"):
            path = f"/snapshots/{mine['id']}?directory={directory}"
            assert server.api(path, method).status == 404, (method, directory)
        assert server.api(f"/snapshots?directory={directory}").status == 404, directory
    assert listed(server) == []
    assert server.api(f"/snapshots/{mine['id']}?directory=part", "DELETE").status == 404
    for odd in ("..", "%2e%2e", "a", f"{mine['id']}%2F..", f"{mine['id']}%0a"):
        assert server.api(f"/snapshots/{odd}?directory=part").status in {403, 404}, odd
    assert (secrets / "tfsession-snapshots" / str(mine["id"]) / "manifest.json").exists()
    inside.unlink()


def test_what_is_damaged_says_so_and_can_be_deleted(server: JupyterProcess, model: Model):
    run(model.client, "%tfsession snapshot torn")
    (torn,) = listed(server)
    folder = server.root / "part" / "tfsession-snapshots" / str(torn["id"])
    with (folder / "data.safetensors").open("r+b") as data:
        data.truncate(5)
    assert "data.safetensors" in str(listed(server)[0]["damage"])
    (folder / "data.safetensors").unlink()
    assert server.api(f"/snapshots/{torn['id']}?directory=part").status == 404
    assert server.api(f"/snapshots/{torn['id']}?directory=part", "DELETE").status == 204
