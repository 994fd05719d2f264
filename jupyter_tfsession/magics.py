"""``%tfsession`` and ``%%tfsession``: parsing and display only."""

from __future__ import annotations

import ast
import difflib
import logging
import re
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from jupyter_tfsession.displays import Text
from jupyter_tfsession.features import UserError, first_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_tfsession.commands import Commands
    from jupyter_tfsession.features import Features

logger = logging.getLogger("jupyter_tfsession")

_GRAPH = argument("--graph", metavar="NAME", help="the graph, by its name in the status")
_HELP_CALL = re.compile(r"^(\s*%tfsession\s+[\w-]+)\s*\?+\s*$")


def _unquoted(word: str) -> str:
    """Take off the quotes that a name with spaces needs, such as ``"w (retired)"``."""
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] and word[0] in "\"'" else word


def _renamed(word: str) -> tuple[str, str]:
    """Split ``OLD=NEW``."""
    old, equals, new = _unquoted(word).partition("=")
    if not (old and equals and new):
        raise UsageError(f"--rename takes OLD=NEW, not {word[:80]!r}")
    return old, new


_GLOBS = argument(
    "globs",
    metavar="GLOB",
    nargs="*",
    type=_unquoted,
    help="names of variables, * and ? allowed; all without any",
)


class _SubCommands:
    """The sub-commands of ``%tfsession``: a method each, named after it, that parses its line."""

    def __init__(self, shell: InteractiveShell, commands: Commands) -> None:
        self._shell = shell
        self._commands = commands

    @magic_arguments("tfsession status")
    def status(self, line: str) -> Any:
        """List the sessions: variables, bytes, devices, runs; and the sections."""
        parse_argstring(self.status, line)
        return self._commands.sessions.status()

    @magic_arguments("tfsession vars")
    @_GLOBS
    @_GRAPH
    def vars(self, line: str) -> Any:
        """List variables with their values."""
        args = parse_argstring(self.vars, line)
        return self._commands.variables.table(args.globs, args.graph)

    @magic_arguments("tfsession show")
    @argument("name", metavar="NAME", type=_unquoted, help="a variable")
    @_GRAPH
    def show(self, line: str) -> Any:
        """Show one variable in full: its value as a picture, a histogram, its history."""
        args = parse_argstring(self.show, line)
        return self._commands.variables.show(args.name, args.graph)

    @magic_arguments("tfsession devices")
    @_GRAPH
    def devices(self, line: str) -> Any:
        """List the devices and the variables on each."""
        return self._commands.variables.devices(parse_argstring(self.devices, line).graph)

    @magic_arguments("tfsession watch")
    @_GLOBS
    def watch(self, line: str) -> Any:
        """Show the live table of variables, which follows a cell while it runs."""
        return self._commands.watch(parse_argstring(self.watch, line).globs)

    @magic_arguments("tfsession set")
    @argument("name", metavar="NAME", help="a variable")
    @argument("expression", metavar="EXPR", nargs="+", help="a Python expression")
    @_GRAPH
    def set(self, line: str) -> Any:
        """Assign the value of a Python expression to a variable."""
        rest, graph = _without_graph(line)
        name, _, expression = rest.strip().partition(" ")
        if not expression.strip():
            raise UsageError("set takes a variable and an expression: %tfsession set NAME EXPR")
        return self._commands.variables.set(name, self._evaluate(expression.strip()), graph)

    @magic_arguments("tfsession init")
    @_GRAPH
    def init(self, line: str) -> Any:
        """Initialize the variables that are not initialized."""
        return self._commands.variables.init(parse_argstring(self.init, line).graph)

    @magic_arguments("tfsession reset")
    @_GLOBS
    @_GRAPH
    def reset(self, line: str) -> Any:
        """Give variables their initial values again; undo has the old ones."""
        args = parse_argstring(self.reset, line)
        return self._commands.variables.reset(args.globs, args.graph)

    @magic_arguments("tfsession undo")
    @_GRAPH
    def undo(self, line: str) -> Any:
        """Take back the last change of values."""
        return self._commands.variables.undo(parse_argstring(self.undo, line).graph)

    @magic_arguments("tfsession redo")
    @_GRAPH
    def redo(self, line: str) -> Any:
        """Do again what was undone last."""
        return self._commands.variables.redo(parse_argstring(self.redo, line).graph)

    @magic_arguments("tfsession snapshot")
    @argument("name", metavar="NAME", nargs="?", type=_unquoted, help="what to call it")
    @argument(
        "--format",
        choices=("snapshot", "checkpoint"),
        help="checkpoint: NAME is the path of one, for tf.train.Saver",
    )
    @_GRAPH
    def snapshot(self, line: str) -> Any:
        """Keep the values of all variables on the disk."""
        args = parse_argstring(self.snapshot, line)
        return self._commands.snapshots.take(
            args.name, args.graph, checkpoint=args.format == "checkpoint"
        )

    @magic_arguments("tfsession snapshots")
    def snapshots(self, line: str) -> Any:
        """List the snapshots."""
        parse_argstring(self.snapshots, line)
        return self._commands.snapshots.table()

    @magic_arguments("tfsession restore")
    @argument("name", metavar="NAME", type=_unquoted, help="a snapshot, `last`, or a path")
    @argument("--dry-run", action="store_true", help="only tell what would be done")
    @argument("--partial", action="store_true", help="restore what fits, leave out the rest")
    @argument(
        "--rename",
        metavar="OLD=NEW",
        action="append",
        type=_renamed,
        default=[],
        help="the variable OLD of the snapshot is NEW in the graph; any number of times",
    )
    @_GRAPH
    def restore(self, line: str) -> Any:
        """Give variables the values of a snapshot, all or nothing; undo has the old ones."""
        args = parse_argstring(self.restore, line)
        renames = dict(args.rename)
        if args.dry_run:
            return self._commands.snapshots.plan(args.name, args.graph, renames)
        return self._commands.snapshots.restore(
            args.name, args.graph, renames, partial=args.partial
        )

    @magic_arguments("tfsession rescue")
    @argument("name", metavar="NAME", nargs="?", help="what to call the snapshot")
    @argument("--session", metavar="VARIABLE", help="a session in the notebook, of whatever kind")
    @_GRAPH
    def rescue(self, line: str) -> Any:
        """Keep what can be read of a session that fails."""
        args = parse_argstring(self.rescue, line)
        session = self._evaluate(args.session) if args.session else None
        return self._commands.snapshots.rescue(args.name, args.graph, session)

    @magic_arguments("tfsession diff")
    @argument("before", metavar="A", help="a snapshot, or `last`")
    @argument("after", metavar="B", nargs="?", help="a later one; without it, what there is now")
    @_GRAPH
    def diff(self, line: str) -> Any:
        """Tell how far each variable moved from one snapshot to another, or since one."""
        args = parse_argstring(self.diff, line)
        return self._commands.snapshots.diff(args.before, args.after, args.graph)

    @magic_arguments("tfsession guard")
    @argument("policy", nargs="?", help="keep, error or off; tells the policy without one")
    def guard(self, line: str) -> Any:
        """Choose what becomes of an initializer that comes round again."""
        return self._commands.environment.guard(parse_argstring(self.guard, line).policy)

    @magic_arguments("tfsession close")
    @argument("--discard", action="store_true", help="let go of the values as well")
    @argument("--all", action="store_true", help="close all sessions")
    @_GRAPH
    def close(self, line: str) -> Any:
        """Close a session; its values wait on the host."""
        args = parse_argstring(self.close, line)
        return self._commands.sessions.close(args.graph, discard=args.discard, every=args.all)

    @magic_arguments("tfsession name")
    @argument("name", metavar="NAME", help="what to call the graph")
    @_GRAPH
    def name(self, line: str) -> Any:
        """Give a graph, and the section that it is of, a name."""
        args = parse_argstring(self.name, line)
        return self._commands.sessions.name(args.name, args.graph)

    @magic_arguments("tfsession use")
    @argument("section", metavar="SECTION", help="a section, by its name or its first cell")
    def use(self, line: str) -> Any:
        """Enter a section: its graph is the default again, with its session and names."""
        return self._commands.sections.use(parse_argstring(self.use, line).section)

    @magic_arguments("tfsession rerun")
    @argument("switch", nargs="?", metavar="on|off", help="tells whether it is on without one")
    def rerun(self, line: str) -> Any:
        """Let a cell that is run again find what it added to the graph, not add it again."""
        return self._commands.environment.rerun(parse_argstring(self.rerun, line).switch)

    @magic_arguments("tfsession stale")
    def stale(self, line: str) -> Any:
        """List the cells that use what another cell has replaced since."""
        parse_argstring(self.stale, line)
        return self._commands.sessions.stale()

    @magic_arguments("tfsession compat")
    @argument("switch", nargs="?", metavar="on|off", help="tells whether it is on without one")
    def compat(self, line: str) -> Any:
        """Let `import tensorflow` in the notebook's cells give the TensorFlow 1 API."""
        return self._commands.environment.compat(parse_argstring(self.compat, line).switch)

    @magic_arguments("tfsession doctor")
    def doctor(self, line: str) -> Any:
        """Tell versions, what works and what is off, and why."""
        parse_argstring(self.doctor, line)
        return self._commands.environment.doctor()

    def _evaluate(self, expression: str) -> Any:
        try:
            return self._shell.ev(expression)
        except Exception as error:  # noqa: BLE001 - the user's code may raise anything
            raise UsageError(
                f"cannot evaluate {expression!r}: {type(error).__name__}: {error}"
            ) from None


NAMES = tuple(name for name in vars(_SubCommands) if not name.startswith("_"))
"""The sub-commands, in the order in which they are listed."""


@magics_class
class TFSessionMagics(Magics):
    """The magic of the extension."""

    def __init__(self, shell: InteractiveShell, commands: Commands, features: Features) -> None:
        super().__init__(shell)
        self._configurables: Any = shell.configurables  # what %config knows: this, if registered
        shell.configurables.remove(self)  # type: ignore[arg-type]  # IPython's type is wrong
        self._shell = shell
        self._commands = commands
        self._subcommands = _SubCommands(shell, commands)
        self._ask_for_help = features.fails_open("help", _ask_for_help, _as_they_are)
        self._completer = features.fails_open("help", self._complete, _no_words)

    def register(self) -> None:
        """Make the magics, their help and their completion known to the shell."""
        self._shell.register_magics(self)
        self._configurables.append(self)
        self._shell.input_transformers_cleanup.append(self._ask_for_help)
        self._shell.set_hook("complete_command", self._completer, str_key="%tfsession")

    def unregister(self) -> None:
        """Make the shell forget them."""
        self._configurables.remove(self)
        self._shell.input_transformers_cleanup.remove(self._ask_for_help)
        self._shell.strdispatchers["complete_command"].strs.pop("%tfsession", None)
        self._shell.magics_manager.registry.pop(type(self).__name__, None)
        for kind in self._shell.magics_manager.magics.values():
            kind.pop("tfsession", None)

    @magic_arguments()
    @argument("--graph", metavar="NAME", help="the graph; the default one without it")
    @argument("--cell", metavar="NAME", help="a name for the cell, where the front end has no ids")
    @argument("--device", metavar="D", help="a device for the operations, as for tf.device")
    @line_cell_magic
    def tfsession(self, line: str, cell: str | None = None) -> Any:
        """Look after TensorFlow sessions; as a cell magic, run a cell in one.

        %tfsession SUB-COMMAND ...: status (the default), vars, show, devices, watch, set, init,
        reset, undo, redo, snapshot, snapshots, restore, diff, rescue, guard, close, name, use,
        rerun, stale, compat, doctor; each explains itself with
        `%tfsession SUB-COMMAND?`. The options are the cell magic's: the cell runs
        with the graph and its session as the default ones.
        """
        try:
            return self._run(line) if cell is None else self._run_cell(line, cell)
        except UserError as error:
            raise UsageError(str(error)) from None

    def _run(self, line: str) -> Any:
        name, _, rest = line.strip().partition(" ")
        name = name or "status"
        if name in {"-h", "--help"}:
            return Text(f"{_help_of(self.tfsession)}\n\nsub-commands: {', '.join(NAMES)}")
        if name not in NAMES:
            close = difflib.get_close_matches(name, NAMES, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"there is {', '.join(NAMES)}"
            raise UsageError(f"%tfsession has no sub-command {name!r}; {hint}")
        command: Callable[[str], Any] = getattr(self._subcommands, name)
        if rest.strip() in {"-h", "--help"}:
            return Text(_help_of(command))
        try:
            return command(rest)
        except (UsageError, UserError):
            raise
        except Exception as error:
            logger.debug("%%tfsession %s failed", name, exc_info=True)
            raise UsageError(f"%tfsession {name} failed: {first_line(error)}") from None

    def _run_cell(self, line: str, cell: str) -> Any:
        import tensorflow as tf

        args = parse_argstring(self.tfsession, line)
        if args.cell:
            self._commands.environment.name_cell(args.cell)  # which may enter its section
        session = self._commands.sessions.get(args.graph)
        with ExitStack() as contexts:
            contexts.enter_context(session)
            if args.device:
                contexts.enter_context(tf.compat.v1.device(args.device))
            return self._execute(cell)

    def _execute(self, cell: str) -> Any:
        """Run the code of a cell in the notebook's namespace; return what its last line gives."""
        shell = self._shell
        source = shell.transform_cell(cell)
        filename = shell.compile.cache(source, shell.execution_count, raw_code=cell)
        tree = shell.transform_ast(shell.compile.ast_parse(source, filename=filename))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, filename, "exec"), shell.user_ns)  # noqa: S102 - the user's own cell
        if last is None:
            return None
        value = eval(  # noqa: S307 - the user's own cell
            compile(ast.Expression(last.value), filename, "eval"), shell.user_ns
        )
        return None if source.rstrip().endswith(";") else value

    def _complete(self, _shell: Any, event: Any) -> list[str]:
        """Complete sub-commands, variables, graphs and the words that a sub-command takes."""
        words = event.line.split()
        if event.line.endswith(" "):
            words.append("")
        if len(words) <= 2:  # noqa: PLR2004 - the magic and the sub-command
            return list(NAMES)
        return self._commands.completions(words[1], words[-2])


def _ask_for_help(lines: list[str]) -> list[str]:
    """Make ``%tfsession reset?`` ask for the sub-command's help.

    IPython would look for an object called reset.
    """
    return [_HELP_CALL.sub(r"\1 --help", line.rstrip("\n")) + "\n" for line in lines]


def _as_they_are(lines: list[str]) -> list[str]:
    return lines


def _no_words(_shell: Any, _event: Any) -> list[str]:
    return []


def _help_of(command: Any) -> str:
    text: str = command.parser.format_help()
    return text.removeprefix("::").strip()


def _without_graph(line: str) -> tuple[str, str | None]:
    """Split ``--graph NAME`` off a line that ends in a Python expression."""
    found = re.match(r"\s*((?:\S+\s+)?)--graph[ =](\S+)\s+(.*)", line) or re.match(
        r"(?P<rest>.*?)\s--graph[ =](?P<name>\S+)\s*$", line
    )
    if found is None:
        return line, None
    if found.groupdict():
        return found["rest"], found["name"]
    return found[1] + found[3], found[2]
