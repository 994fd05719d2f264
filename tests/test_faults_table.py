"""The table of faults, which names the test of each."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent


def test_every_fault_in_the_table_has_its_test() -> None:
    named = set(re.findall(r"`(test_\w+)`", (TESTS / "faults.md").read_text(encoding="utf-8")))
    written = {
        name
        for path in TESTS.rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(named) > 50
    assert named - written == set()
