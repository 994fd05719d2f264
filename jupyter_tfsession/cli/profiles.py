"""Loading the extension in every new IPython kernel, or not: a line in the profile's settings.

IPython reads ``ipython_config.py``, which is the user's own, and ``ipython_config.json``, which is
for programs and takes precedence. A list in it would hide the one in the other file, so that
nothing is written where that has one.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jupyter_tfsession.cli.failures import CommandError
from jupyter_tfsession.cli.results import Result
from jupyter_tfsession.displays import Line

if TYPE_CHECKING:
    from argparse import Namespace

NAME: Final = "jupyter_tfsession"

_SECTION: Final = "InteractiveShellApp"
_PYTHON: Final = "ipython_config.py"
_JSON: Final = "ipython_config.json"


def enable(args: Namespace) -> Result:
    """Have the extension loaded in every new kernel."""
    folder = _folder(args.profile)
    own = _own_list(folder)
    if own is not None and NAME in own:
        return _result(f"it is enabled already, in {folder / _PYTHON}")
    if own is not None:
        raise CommandError(
            f"{folder / _PYTHON} has a list of extensions of its own: add {NAME!r} to it"
        )
    settings = _read(folder / _JSON)
    section = settings.setdefault(_SECTION, {})
    extensions = section.setdefault("extensions", [])
    if NAME in extensions:
        return _result(f"it is enabled already, in {folder / _JSON}")
    extensions.append(NAME)
    _write(folder / _JSON, settings)
    return _result(f"enabled in {folder / _JSON}: new IPython kernels load {NAME}")


def disable(args: Namespace) -> Result:
    """Have the extension not loaded any more."""
    folder = _folder(args.profile)
    if NAME in (_own_list(folder) or ()):
        raise CommandError(f"{folder / _PYTHON} names it: remove {NAME!r} from the list there")
    settings = _read(folder / _JSON)
    extensions = settings.get(_SECTION, {}).get("extensions", [])
    if NAME not in extensions:
        return _result("it is not enabled")
    extensions.remove(NAME)
    if not extensions:
        del settings[_SECTION]["extensions"]
        if not settings[_SECTION]:
            del settings[_SECTION]
    _write(folder / _JSON, settings)
    return _result(f"disabled in {folder / _JSON}: new IPython kernels do not load {NAME}")


def is_enabled(profile: str) -> bool:
    """Whether new kernels of a profile load the extension."""
    folder = _folder(profile)
    settings = _read(folder / _JSON)
    extensions = settings.get(_SECTION, {}).get("extensions", _own_list(folder) or [])
    return NAME in extensions


def _folder(profile: str) -> Path:
    from IPython.core.profiledir import ProfileDir  # noqa: PLC0415 - --help does without
    from IPython.paths import get_ipython_dir  # noqa: PLC0415

    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", profile):
        raise CommandError(f"{profile!r} cannot be the name of a profile")
    folder = Path(get_ipython_dir()) / f"profile_{profile}"
    if not folder.is_dir() and profile != "default":
        raise CommandError(f"there is no profile {profile!r}: ipython profile create {profile}")
    return Path(ProfileDir(location=str(folder)).location)


def _own_list(folder: Path) -> list[str] | None:
    """Return the extensions that the user's own file names; None if it does not say."""
    from traitlets.config.loader import (  # noqa: PLC0415
        ConfigFileNotFound,
        LazyConfigValue,
        PyFileConfigLoader,
    )

    try:
        # Run, as IPython does each time that it starts.
        config = PyFileConfigLoader(_PYTHON, path=str(folder)).load_config()
    except ConfigFileNotFound:
        return None
    except Exception as error:  # noqa: BLE001 - it is the user's program
        raise CommandError(f"{folder / _PYTHON} cannot be read: {error}") from None
    section = config.get(_SECTION, {})
    if "extensions" not in section:
        return None
    value = section["extensions"]
    return list(value.get_value([]) if isinstance(value, LazyConfigValue) else value)


def _read(path: Path) -> dict[str, Any]:
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from None
    section = settings.get(_SECTION, {}) if isinstance(settings, dict) else None
    if not isinstance(section, dict) or not isinstance(section.get("extensions", []), list):
        raise CommandError(f"{path} is not as IPython's settings are: nothing was changed")
    return dict(settings)


def _write(path: Path, settings: dict[str, Any]) -> None:
    """Replace the file as a whole."""
    text = json.dumps(settings, indent=2) + "\n"
    try:
        descriptor, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(made).replace(path)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error}") from None


def _result(text: str) -> Result:
    return Result({"text": text}, [Line(text)])
