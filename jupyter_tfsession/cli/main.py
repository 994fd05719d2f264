"""The command line: ``jupyter tfsession COMMAND``."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from typing import TYPE_CHECKING, Final

from jupyter_tfsession.cli.failures import CommandError, Exit

if TYPE_CHECKING:
    from collections.abc import Sequence

_EPILOG: Final = """\
exit codes: 0 done; 1 refused; 2 the command line makes no sense; 3 no such server, kernel or
session, or more than one; 4 it has to be confirmed; 5 a server or the kernel cannot be asked
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says, and return the exit code."""
    args = _parser().parse_args(argv)
    room, _, name = args.run.partition(":")
    try:
        # What a command needs is imported with it: --help and completion are instant.
        result = getattr(importlib.import_module(f"jupyter_tfsession.cli.{room}"), name)(args)
    except CommandError as error:
        return _failed(str(error), error.code, as_json=args.json)
    except KeyboardInterrupt:
        return 130
    try:
        print(result.text(as_json=args.json), flush=True)  # noqa: T201 - what it is for
    except BrokenPipeError:  # as of `... | head`
        sys.stderr.close()
    return int(result.code)


def _failed(text: str, code: Exit, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"error": text, "code": int(code)}, indent=2))  # noqa: T201
    else:
        sys.stderr.write(f"jupyter tfsession: {text}\n")
    return int(code)


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="write JSON")
    on_servers = argparse.ArgumentParser(add_help=False, parents=[common])
    on_servers.add_argument(
        "--server",
        metavar="URL",
        help="only this one of the servers that jupyter server list lists",
    )
    on_session = argparse.ArgumentParser(add_help=False, parents=[on_servers])
    on_session.add_argument(
        "kernel", metavar="KERNEL", help="the beginning of its id, or the path of its notebook"
    )
    on_session.add_argument("--graph", metavar="NAME", help="the graph; the current one without it")
    of_profile = argparse.ArgumentParser(add_help=False)
    of_profile.add_argument(
        "--profile", default="default", metavar="NAME", help="IPython's profile"
    )

    parser = argparse.ArgumentParser(
        prog="jupyter tfsession",
        description="The TensorFlow sessions of all running kernels.",
        epilog=_EPILOG,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(
        name: str, run: str, text: str, *parents: argparse.ArgumentParser
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text, parents=parents)
        made.set_defaults(run=run)
        return made

    add("list", "sessions:list_all", "list the sessions of all kernels", on_servers)
    show = add("show", "sessions:show", "show the variables of a session", on_session)
    show.add_argument("globs", nargs="*", metavar="GLOB", help="names; all without any")
    show.add_argument(
        "--most", type=_count, default=100, metavar="N", help="how many, by default 100"
    )
    keep = add("snapshot", "sessions:snapshot", "keep the values of a session on disk", on_session)
    keep.add_argument("--name", default="", help="what to call the snapshot")
    close = add("close", "sessions:close", "close a session", on_session)
    close.add_argument("--discard", action="store_true", help="keep no values on the host")
    close.add_argument("--yes", action="store_true", help="do not ask whether that is meant")
    add("doctor", "doctor:doctor", "tell what works, and what does not", on_servers, of_profile)
    add(
        "enable", "profiles:enable", "load the extension in new IPython kernels", common, of_profile
    )
    add("disable", "profiles:disable", "do not load it any more", common, of_profile)
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


if __name__ == "__main__":
    sys.exit(main())
