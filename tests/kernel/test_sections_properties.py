"""In whatever order cells of several parts run, each gives what it gives in its part alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sectioned import SCRIPTS, Script, check

if TYPE_CHECKING:
    from notebook import Notebook

_SUITE = settings(
    max_examples=6,
    derandomize=True,
    deadline=None,
    suppress_health_check=HealthCheck,
    report_multiple_bugs=False,
    phases=[Phase.explicit, Phase.generate],
)
_LONG = settings(
    _SUITE, max_examples=20_000, derandomize=False, phases=[Phase.generate, Phase.shrink]
)
_PROFILE = _LONG if os.environ.get("HYPOTHESIS_PROFILE") == "long" else _SUITE


@pytest.fixture(scope="module")
def loaded(request: pytest.FixtureRequest) -> Notebook:
    """The kernel with the extension loaded, for all examples."""
    return request.getfixturevalue("kernels").get()


@_PROFILE
@given(script=SCRIPTS)
def test_random_sections(loaded: Notebook, script: Script) -> None:
    check(loaded, script)
