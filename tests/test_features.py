"""The fail-open rule alone."""

from __future__ import annotations

from typing import NoReturn

import pytest

from jupyter_tfsession.features import (
    PURPOSES,
    Features,
    UserError,
    first_line,
    raised_by_tensorflow,
)

REASON = "RuntimeError: broken"


def broken(*_args: object) -> NoReturn:
    raise RuntimeError("broken\nby what is below")


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.fixture
def features(warnings: list[str]) -> Features:
    return Features(warnings.append)


def test_a_fault_gives_the_other_result_and_one_warning(
    features: Features, warnings: list[str]
) -> None:
    attempt = features.fails_open("undo", broken, lambda number: number + 1)
    assert [attempt(1), attempt(2)] == [2, 3]
    (warning,) = warnings
    assert warning == (
        f"jupyter_tfsession switched off undo of overwritten values ({REASON}); cells run as in "
        "plain TensorFlow. %tfsession doctor tells more"
    )
    off = {feature.name: feature.off_because for feature in features if feature.off_because}
    assert off == {"undo": REASON}
    assert not features.is_on("undo")
    assert features.is_on("guard")


def test_what_is_off_is_not_tried_again(features: Features) -> None:
    calls: list[int] = []
    features.switch_off("guard", "for a test")
    assert features.fails_open("guard", calls.append, lambda _: None)(1) is None
    assert calls == []


@pytest.mark.parametrize("error", [UserError("wrong"), KeyboardInterrupt(), SystemExit(1)])
def test_what_passes(features: Features, warnings: list[str], error: BaseException) -> None:
    def work() -> None:
        raise error

    with pytest.raises(type(error)):
        features.fails_open("guard", work, lambda: None)()
    assert warnings == []
    assert features.is_on("guard")


def test_what_passes_can_be_chosen(features: Features) -> None:
    attempt = features.fails_open("guard", broken, lambda: None, passes=lambda _: True)
    with pytest.raises(RuntimeError, match="broken"):
        attempt()
    assert features.is_on("guard")


def test_a_warning_that_cannot_be_shown_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    features = Features(broken)
    assert features.fails_open("notices", broken, lambda: "fine")() == "fine"
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(" (")[0] for line in lines] == [
        f"jupyter_tfsession switched off {PURPOSES['notices']}"
    ]


def test_errors_that_came_out_of_tensorflows_code() -> None:
    namespace = {"__name__": "tensorflow.python.client.session"}
    exec("def run(): raise ValueError('wrong fetches')", namespace)
    with pytest.raises(ValueError, match="wrong fetches") as theirs:
        namespace["run"]()
    with pytest.raises(RuntimeError) as ours:
        broken()
    assert raised_by_tensorflow(theirs.value)
    assert not raised_by_tensorflow(ours.value)


def test_the_reason_is_one_short_line() -> None:
    assert first_line(RuntimeError("one\ntwo")) == "RuntimeError: one"
    assert len(first_line(RuntimeError("x" * 1000))) == 200
