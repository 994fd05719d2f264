"""The gate: no run inside while it is closed, none lost, and no wait without end."""

from __future__ import annotations

import threading

import pytest

from jupyter_tfsession.sessions.gate import BusyError, Gate


def test_nobody_is_inside_while_it_is_closed() -> None:
    gate, stop = Gate(), threading.Event()
    inside, seen, runs = [0], [], [0] * 4
    lock = threading.Lock()

    def run(number: int) -> None:
        while not stop.is_set():
            with gate.passing():
                with lock:
                    inside[0] += 1
                with lock:
                    inside[0] -= 1
                runs[number] += 1

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(100):
        with gate.closed(30):
            before = list(runs)
            seen.append(inside[0])
            assert runs == before
    stop.set()
    for thread in threads:
        thread.join()
    assert set(seen) == {0}
    assert all(runs)


def test_those_who_close_it_take_turns() -> None:
    gate = Gate()
    closed = [0]
    most = [0]

    def close() -> None:
        for _ in range(50):
            with gate.closed(30):
                closed[0] += 1
                most[0] = max(most[0], closed[0])
                closed[0] -= 1

    threads = [threading.Thread(target=close) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_a_run_that_does_not_end_makes_it_open_again() -> None:
    gate = Gate()
    with gate.passing():
        with pytest.raises(BusyError, match=r"has not ended after 0\.01 s"), gate.closed(0.01):
            pass
        assert not gate.shut
        with gate.passing():  # nobody waits
            pass


def test_another_who_closed_it_is_waited_for_no_longer_than_asked() -> None:
    gate = Gate()
    said: list[str] = []

    def close() -> None:
        try:
            with gate.closed(0.01):
                pass
        except BusyError as error:
            said.append(str(error))

    with gate.closed(30):
        thread = threading.Thread(target=close)
        thread.start()
        thread.join()
    assert said == ["others still read or write the variables after 0.01 s"]


def test_an_error_opens_it_and_leaves_nobody_inside() -> None:
    gate = Gate()
    with pytest.raises(ZeroDivisionError), gate.closed(1):
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), gate.passing():
        raise ZeroDivisionError
    assert (gate.shut, gate.inside) == (False, set())


def test_what_writes_nothing_passes_at_any_time() -> None:
    gate = Gate()
    with gate.closed(1), gate.passing(writes=False):
        assert gate.inside == set()
