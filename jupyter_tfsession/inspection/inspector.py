"""What the variables of a session hold now, where they are, and how they went."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jupyter_tfsession.displays import human_bytes
from jupyter_tfsession.features import first_line, is_tensorflows
from jupyter_tfsession.inspection.blocks import AHEAD, SMALL_BYTES, Blocks
from jupyter_tfsession.inspection.readings import NOWHERE, Reading, described, is_same
from jupyter_tfsession.variables import values
from jupyter_tfsession.variables.history import History, Point
from jupyter_tfsession.variables.placement import Placement, placements
from jupyter_tfsession.variables.unfetched import summarize_unfetched
from jupyter_tfsession.variables.values import unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    from jupyter_tfsession.sessions.ledger import Stamp
    from jupyter_tfsession.sessions.live import LiveSession
    from jupyter_tfsession.sessions.per_engine import PerEngine
    from jupyter_tfsession.variables.catalogue import VariableRecord


class _Engine:
    """What is known of the engine of a session, which goes when the engine does.

    Any thread may use it; at worst two find out the same.
    """

    def __init__(self, engine: Any, held: Callable[..., Mapping[str, Stamp]]) -> None:
        self.engine = engine
        self.blocks = Blocks(engine, lambda records: held(records, engine))
        self.placed: dict[str, Placement] = {}
        self.big: dict[str, Reading] = {}
        self.changes = 0


class _Notes:
    """What is known of one session; the session keeps it."""

    def __init__(self, live: LiveSession) -> None:
        self.history = History()
        self._known: PerEngine[_Engine] = live.per_engine(lambda engine: _Engine(engine, live.held))

    def of(self, engine: Any) -> _Engine:
        """Return what is known of the session's engine."""
        return self._known.of(engine)


class Inspector:
    """Looks at sessions; on any thread, and without opening one.

    Parameters
    ----------
    preview_bytes
        Gives the size of the largest variable whose value may be fetched to look at it.
    """

    def __init__(self, preview_bytes: Callable[[], int]) -> None:
        self._preview_bytes = preview_bytes

    def history(self, live: LiveSession) -> History:
        """Return how the variables of a session went, as far as somebody looked."""
        return _notes(live).history

    def placements(self, live: LiveSession, *, ask: bool = True) -> Mapping[str, Placement]:
        """Return where the variables of a session are; those that are nowhere yet are left out.

        Parameters
        ----------
        live
            The session; it is looked at as it is.
        ask
            Whether to ask TensorFlow where that is not known yet: it prepares that for a second
            and longer in a large graph.
        """
        notes = _notes(live)
        records = live.plans.catalogue.records
        engine = live.open_engine
        if engine is None:
            return {}
        if not ask:
            return notes.of(engine).placed
        known = notes.of(engine)
        return self._placed(known, records, live.held(records.values(), engine))

    def read(
        self,
        live: LiveSession,
        records: Sequence[VariableRecord],
        *,
        exact: bool = True,
        seconds: float = float("inf"),
    ) -> list[Reading]:
        """Read variables, and find out where they are.

        Parameters
        ----------
        live
            The session; it is looked at as it is.
        records
            Which variables.
        exact
            Summarize all elements rather than a sample where there are many.
        seconds
            Time for those that are read one by one, since they are big. The readings of those
            that do not get their turn are older ones.
        """
        notes = _notes(live)
        engine = live.open_engine
        if engine is None:
            return self._parked(live, records)
        until = time.monotonic() + seconds
        known = notes.of(engine)
        found = self._read(live, known, records, exact=exact, until=until)
        cells = {
            r.record.name: r.written[0].label if r.written and r.written[0] else "" for r in found
        }
        now, run = time.time(), live.last_stamp[1]
        notes.history.add(
            (r.record.name, Point(run, now, cells[r.record.name], r.point))
            for r in found
            if r.point is not None and not r.note
        )
        return found

    def prepare(self, live: LiveSession, records: Sequence[VariableRecord]) -> None:
        """Prepare to read some of these variables, as many as it makes no difference to.

        Parameters
        ----------
        live
            The session; it is looked at as it is.
        records
            Variables; of at least one it will be known where it is, if it holds a value.
        """
        engine = live.open_engine
        if engine is None:
            return
        known, every = _notes(live).of(engine), live.plans.catalogue.records
        records = [record for record in records if record.name not in known.placed]
        if not records:
            return
        if records[0].name not in known.blocks:
            _attempt(lambda: known.blocks.read(every, records[:1], room=AHEAD))
        if records[0].name not in known.blocks.devices:  # as it is big, or cannot be read
            self._placed(known, every, live.held(records[:AHEAD], engine))
        else:
            self._placed(known, every, live.held(records, engine), ask=False)

    def preparing(self, live: LiveSession) -> float:
        """Return the seconds that threads have spent on preparing to look at the session.

        That happens once for each variable, whereas looking goes on.
        """
        engine = live.open_engine
        return _notes(live).of(engine).blocks.preparing if engine is not None else 0.0

    def value(self, live: LiveSession, record: VariableRecord) -> npt.NDArray[Any] | None:
        """Return a copy of a value for a closer look; None where it is too big or there is none."""
        if unreadable(record) or (record.nbytes or 0) > self._preview_bytes():
            return None
        engine = live.open_engine
        if engine is None:
            return (live.log.parked or {}).get(record.name)
        if record.name not in live.held([record], engine):
            return None
        return values.read(engine.run, [record]).get(record.name)

    def _read(
        self,
        live: LiveSession,
        known: _Engine,
        records: Sequence[VariableRecord],
        *,
        exact: bool,
        until: float,
    ) -> list[Reading]:
        every = live.plans.catalogue.records
        if known.changes != live.changes:
            known.changes = live.changes
            known.big.clear()  # written by hand, which may be at the moment of the last write
        limit = min(self._preview_bytes(), SMALL_BYTES)
        arrays, fault = _attempt(lambda: known.blocks.read(every, records, limit))
        held = live.held(records, known.engine)
        self._placed(known, every, held)
        readings = []
        for record in records:
            name = record.name
            blank = Reading(record, held.get(name), "", known.placed.get(name, NOWHERE))
            if name not in held:
                readings.append(replace(blank, text="not initialized"))
            elif unreadable(record):
                readings.append(replace(blank, note=f"not readable: {unreadable(record)}"))
            elif name in arrays:
                readings.append(described(blank, arrays[name], exact=exact))
            elif fault and (self._size(known, record) or 0) <= limit:
                readings.append(replace(blank, note=f"not readable: {fault}"))
            else:
                readings.append(self._big(known, blank, exact=exact, until=until))
        return readings

    def _size(self, known: _Engine, record: VariableRecord) -> int | None:
        return record.nbytes if record.nbytes is not None else known.blocks.sizes.get(record.name)

    def _big(self, known: _Engine, blank: Reading, *, exact: bool, until: float) -> Reading:
        """Look at a variable that is not read in a block."""
        name = blank.record.name
        last = known.big.get(name)
        if last is not None and is_same(last, blank, exact=exact):
            return replace(last, placement=blank.placement)
        if last is not None and time.monotonic() > until:
            return replace(last, placement=blank.placement, note="an older value")
        size = self._size(known, blank.record)
        if (size or 0) > self._preview_bytes():
            summary, fault = _attempt(lambda: summarize_unfetched(known.engine, blank.record))
            if not summary:
                because = f", {fault}" if fault else ""
                return replace(blank, note=f"not read: {human_bytes(size)}{because}")
            read = replace(blank, text=str(summary), summary=summary, point=summary.point)
        else:
            found, fault = _attempt(lambda: values.read(known.engine.run, [blank.record]))
            if name not in found:
                return replace(blank, note=f"not readable: {fault}")
            read = described(blank, found[name], exact=exact)
        known.big[name] = read
        return read

    def _placed(
        self,
        known: _Engine,
        records: Mapping[str, VariableRecord],
        held: Mapping[str, Stamp],
        *,
        ask: bool = True,
    ) -> dict[str, Placement]:
        """Return where variables are, asking only for those that are not known yet."""
        for name in held.keys() - known.placed.keys():
            if name in known.blocks.devices:
                known.placed[name] = Placement(known.blocks.devices[name], actual=True)
        asked = [records[name] for name in held if name not in known.placed]
        if asked and ask:
            begun = time.thread_time()
            found, fault = _attempt(lambda: placements(known.engine, asked))
            known.blocks.preparing += time.thread_time() - begun
            for record in asked:
                fallback = Placement(record.device, actual=False, because=fault)
                known.placed[record.name] = found.get(record.name, fallback)
        return known.placed

    def _parked(self, live: LiveSession, records: Sequence[VariableRecord]) -> list[Reading]:
        """Look at values that wait on the host while the session is closed."""
        parked = live.log.parked or {}
        held = live.held(records)
        return [
            described(Reading(r, held.get(r.name), "", NOWHERE), parked[r.name], exact=False)
            if r.name in parked
            else Reading(r, None, "not initialized", NOWHERE)
            for r in records
        ]


def _notes(live: LiveSession) -> _Notes:
    notes: _Notes | None = live.notes.get("inspection")
    return notes or live.notes.setdefault("inspection", _Notes(live))


def _attempt(look: Callable[[], Any]) -> tuple[Any, str]:
    """Look at something; where TensorFlow raises, return nothing and what it says.

    Such as that the session was closed meanwhile.
    """
    try:
        return look(), ""
    except (RuntimeError, TypeError, ValueError) as error:
        return {}, first_line(error)
    except Exception as error:
        if not is_tensorflows(error):
            raise
        return {}, first_line(error)
