"""What is said of a session that was opened again."""

from __future__ import annotations

from jupyter_tfsession.displays import counted


def opened_again(name: str, carried: int, refused: dict[str, str], started: str) -> str:
    """Say that a closed session is open again.

    Parameters
    ----------
    name
        The session's.
    carried
        How many variables have the values that they had.
    refused
        Why variables have not, by their names.
    started
        What tables and iterators did, empty where there are none.
    """
    if not (carried or refused):
        return f"opened the session of {name} again{started}"
    return (
        f"opened the session of {name} again with the values of "
        f"{counted(carried, 'variable')}{_left_out(refused)}{started}. "
        "%tfsession close --discard starts empty"
    )


def opened_anew(  # noqa: PLR0913, PLR0917 - all that it says
    name: str, why: str, carried: int, refused: dict[str, str], started: str, fixed: list[str]
) -> str:
    """Say that a session took another's place: see `opened_again`.

    Parameters
    ----------
    fixed
        Options that have no effect any more in this process.
    """
    text = f"opened the session of {name} anew {why}"
    if carried:
        text += f"; {counted(carried, 'variable')} carried over"
    text += _left_out(refused) + started
    if fixed:
        text += f"; no effect before the kernel restarts: {', '.join(fixed)}"
    return text


def _left_out(refused: dict[str, str]) -> str:
    return "".join(f"; not {name}: {reason}" for name, reason in refused.items())
