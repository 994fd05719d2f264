"""Whatever is built, in whatever order cells run: nothing grows, and results are TensorFlow's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from replaying import check

from notebooks import SCRIPTS, Script, Statement

if TYPE_CHECKING:
    from notebook import Notebook

settings.register_profile(
    "suite",
    max_examples=40,
    derandomize=True,
    deadline=None,
    suppress_health_check=HealthCheck,
    report_multiple_bugs=False,
    phases=[Phase.explicit, Phase.generate],  # to make a failing notebook smaller takes minutes
)
settings.register_profile(
    "long",
    settings.get_profile("suite"),
    max_examples=20_000,
    derandomize=False,
    phases=[Phase.generate, Phase.shrink],
)
_PROFILE = settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


@pytest.fixture(scope="module")
def loaded(request: pytest.FixtureRequest) -> Notebook:
    """The kernel with the extension loaded, for all examples."""
    return request.getfixturevalue("kernels").get()


@_PROFILE
@given(script=SCRIPTS)
def test_random_notebooks(loaded: Notebook, plain: Notebook, script: Script) -> None:
    check(loaded, plain, script)


def statement(kind: str, p: int = 1, q: int = 1, wrapping: str = "plainly") -> Statement:
    return Statement(kind, p, q, wrapping)


_ANY = statement("arithmetic")
# What random notebooks have found.
FOUND = {
    "a condition under a device function": Script(
        [[statement("average", wrapping="on a chosen device")]]
    ),
    "a saver under a device function": Script(
        [[statement("saver", wrapping="on a chosen device")]]
    ),
    "a saver and a regularizer": Script([[statement("saver", 3, 3), statement("regularizer", 3)]]),
    "equal values in a collection": Script(
        [[statement("variable", 2)], [statement("collections", 3, 2)]],
        [("insert", 1, 0, statement("collections", 2))],
    ),
    "a loop before another": Script(
        [[statement("template", 1, 3)], [statement("while", 3, 3)]],
        [("insert", 0, 1, statement("gradient of while", 2))],
    ),
    "what is stale, after a loop was edited": Script(
        [[statement("cond in while", 3)], [statement("regularizer", 2, 3)]],
        [("change", 0, 0, statement("arithmetic", 2, 3)), ("use", 0, 0, _ANY)],
    ),
    "what is stale, after its variable has gone": Script(
        [[statement("partitioned variable", 1, 3)], [statement("cond", 3, 2)]],
        [("replace", 0, 0, statement("arithmetic", 2, 3)), ("use", 0, 0, _ANY)],
    ),
    "an optimizer's variables, after theirs has gone": Script(
        [[statement("optimizer", wrapping="beside x")]],
        [("insert", 0, 1, statement("Python function", wrapping="beside x"))],
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_notebooks_found(loaded: Notebook, plain: Notebook, name: str) -> None:
    check(loaded, plain, FOUND[name])
