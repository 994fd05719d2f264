"""TensorFlow 1 code in cells: there, ``import tensorflow as tf`` gives ``tensorflow.compat.v1``.

Only the import statements of the notebook's own cells are rewritten, by an AST transformer of
the shell, so what libraries import is TensorFlow 2 as ever. A rewritten import first switches
TensorFlow 2's behaviour off: at that moment TensorFlow is needed anyway, and it makes no
difference whether something else imported it before.
"""

from __future__ import annotations

import ast
import copy
import importlib
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from jupyter_tfsession.features import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from IPython.core.interactiveshell import InteractiveShell

logger = logging.getLogger(__name__)

_TOP: Final = "tensorflow"
_V1: Final = "tensorflow.compat.v1"

# Submodules that are one and the same under both APIs, or gone for good; and explicit choices of
# an API. Importing these works, or fails, as it does in TensorFlow.
_UNTOUCHED: Final = frozenset({"compat", "contrib", "core", "examples", "python"})

# The nodes that have a position, of those that are made here.
_PLACED: Final = (ast.stmt, ast.expr, ast.alias, ast.keyword)

_TOO_LATE: Final = (
    "TensorFlow 2 behaviour cannot be switched off inside a `graph.as_default()`: import "
    "TensorFlow outside of it, or restart the kernel"
)
_NO_WAY_BACK: Final = (
    "TensorFlow 2 behaviour cannot be switched on while the default graph is in use: "
    "tf.reset_default_graph() forgets that graph and makes it possible, or restart the kernel"
)
_ONLY_IN_PART: Final = (
    "eager execution was already off before compat, and TensorFlow cannot switch the rest of its "
    "version 2 behaviour on alone: restart the kernel for that"
)


def install(shell: InteractiveShell) -> None:
    """Rewrite the TensorFlow imports of the cells that run from now on; twice is harmless."""
    if not is_installed(shell):
        shell.ast_transformers.append(TF1Imports())


def uninstall(shell: InteractiveShell) -> None:
    """Leave imports alone again; what is imported already stays as it is."""
    transformers = shell.ast_transformers
    transformers[:] = [found for found in transformers if not isinstance(found, TF1Imports)]


def is_installed(shell: InteractiveShell) -> bool:
    """Whether the TensorFlow imports of the shell's cells are rewritten."""
    return any(isinstance(found, TF1Imports) for found in shell.ast_transformers)


class TF1Imports(ast.NodeTransformer):
    """Rewrites the TensorFlow imports in the syntax tree of a cell.

    A tree that it cannot rewrite is returned as it was.
    """

    def visit(self, node: ast.AST) -> Any:
        """Return the tree with its TensorFlow imports rewritten; `node` itself is not changed."""
        try:
            if not any(_is_rewritten(found) for found in ast.walk(node)):
                return node
            return _Rewriter().visit(copy.deepcopy(node))
        except Exception as error:  # noqa: BLE001 - the cell must run whatever goes wrong here
            logger.warning("TensorFlow imports of a cell were not rewritten for TF1: %r", error)
            return node


def _is_rewritten(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(_submodule(alias.name) is not None for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return not node.level and _submodule(node.module or "") is not None
    return False


def _submodule(module: str) -> str | None:
    """Return the path below TensorFlow, or None for a module whose import is left alone."""
    top, _, path = module.partition(".")
    return None if top != _TOP or path.split(".")[0] in _UNTOUCHED else path


class _Rewriter(ast.NodeTransformer):
    """Replaces each import by statements at its place, in the order of its names."""

    def visit_Import(self, node: ast.Import) -> list[ast.stmt] | ast.Import:
        if not _is_rewritten(node):
            return node
        statements = [_call("prepare")]
        for alias in node.names:
            path = _submodule(alias.name)
            if path is None:
                statements.append(ast.Import([alias]))
            elif alias.asname is None:
                statements += _imported_below_top(alias, path)
            elif path:
                statements.append(_either(path, alias.asname, ast.Import([alias])))
            else:
                statements.append(_import_v1(alias.asname))
        return _placed(statements, node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> list[ast.stmt] | ast.ImportFrom:
        if not _is_rewritten(node):
            return node
        path = _submodule(node.module or "") or ""
        statements = [_call("prepare")]
        for alias in node.names:
            original = ast.ImportFrom(node.module, [alias], 0)
            if alias.name != "*":
                name = f"{path}.{alias.name}".lstrip(".")
                statements.append(_either(name, alias.asname or alias.name, original))
            elif path:
                statements.append(original)
            else:
                statements.append(ast.ImportFrom(_V1, [alias], 0))
        return _placed(statements, node)


def _imported_below_top(alias: ast.alias, path: str) -> Iterator[ast.stmt]:
    # `import tensorflow.x` imports x, but the name that it binds is `tensorflow`.
    if path:
        missing = ast.UnaryOp(ast.Not(), _helper("has", path))
        yield ast.If(missing, [ast.Import([alias])], [])
    yield _import_v1(_TOP)


def _import_v1(name: str) -> ast.stmt:
    return ast.Import([ast.alias(_V1, name)])


def _either(path: str, name: str, original: ast.stmt) -> ast.stmt:
    """Bind the TensorFlow 1 object; where there is none, the import as it was written."""
    bound = ast.Assign([ast.Name(name, ast.Store())], _helper("get", path))
    # The original statement is what fails, so that the error is the one TensorFlow gives.
    return ast.If(_helper("has", path), [bound], [original])


def _call(name: str) -> ast.stmt:
    return ast.Expr(_helper(name))


def _helper(name: str, *arguments: str) -> ast.expr:
    """Build a call of a function of this module, which binds no name in the cell."""
    call = f"__import__({__name__!r}, fromlist=['_']).{name}{arguments!r}"
    return ast.parse(call, mode="eval").body


def _placed(statements: list[ast.stmt], original: ast.Import | ast.ImportFrom) -> list[ast.stmt]:
    # At the place of the original, so that tracebacks and debuggers show the user's line.
    own = set(map(id, original.names))
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, _PLACED) and id(node) not in own:
                ast.copy_location(node, original)
    return statements


# -- called by rewritten cells ------------------------------------------------------------------


def prepare() -> None:
    """Switch TensorFlow 2's behaviour off, when the running shell still wants that.

    A function that a cell defined may run its import long after ``%tfsession compat off``.
    An error of ours or of TensorFlow's import is left for the import statement that follows.

    Raises
    ------
    UserError
        When it is too late to switch.
    """
    from IPython.core.getipython import get_ipython  # noqa: PLC0415 - not needed to load

    try:
        shell = get_ipython()
        if shell is not None and is_installed(shell):
            switch_v2_behavior_off()
    except UserError:
        raise
    except Exception:
        logger.debug("TensorFlow 2 behaviour was not switched off", exc_info=True)


def has(path: str) -> bool:
    """Whether TensorFlow 1's API has something usable at a dotted path such as ``nn.relu``."""
    try:
        found = get(path)
        # A lazily loaded module (keras, without tf_keras) shows only now that it cannot load.
        if isinstance(found, ModuleType):
            dir(found)
    except Exception:  # noqa: BLE001 - whatever it is, TensorFlow 1's API cannot be used here
        return False
    return True


def get(path: str) -> Any:
    """Return what TensorFlow 1's API has at a dotted path; AttributeError where it has nothing."""
    found: Any = importlib.import_module(_V1)
    for name in path.split("."):
        found = getattr(found, name)
    return found


# -- the switch of the whole process ------------------------------------------------------------


@dataclass
class _Before:
    """What was on when `switch_v2_behavior_off` changed it; nothing while it has not."""

    eager: bool = False
    rest: bool = False


_before = _Before()


def switch_v2_behavior_off() -> bool:
    """Switch TensorFlow 2's behaviour off, importing TensorFlow; return whether it was on.

    That also works after eager operations ran, but eager tensors, variables and ``tf.function``
    made before cannot be used in a graph: the cells that made them have to run again.

    Raises
    ------
    UserError
        While a graph is entered: leaving it would bring eager execution back.
    """
    tf1 = importlib.import_module(_V1)
    eager = tf1.executing_eagerly()
    rest = tf1.resource_variables_enabled() or tf1.control_flow_v2_enabled()
    if not (eager or rest):
        return False
    if not eager and _eager_elsewhere(tf1):
        raise UserError(_TOO_LATE)
    _before.eager, _before.rest = eager, rest
    _disable(tf1)
    return True


def switch_v2_behavior_back() -> bool:
    """Undo `switch_v2_behavior_off`; return whether there was anything to undo.

    What was off before it, by the notebook's own ``tf.disable_v2_behavior()``, stays off.

    Raises
    ------
    UserError
        When TensorFlow does not allow it any more; its behaviour is then as it was.
    """
    if not (_before.eager or _before.rest):
        return False
    if not _before.eager:
        raise UserError(_ONLY_IN_PART)
    tf1 = importlib.import_module(_V1)
    try:
        tf1.enable_v2_behavior()
    except ValueError as error:
        # It has changed half of it when it fails.
        _disable(tf1)
        raise UserError(_NO_WAY_BACK) from error
    _before.eager = _before.rest = False
    return True


def _eager_elsewhere(tf1: Any) -> bool:
    # A new thread has entered no graph, so it shows the mode that leaving a graph returns to.
    with ThreadPoolExecutor(1) as threads:
        return bool(threads.submit(tf1.executing_eagerly).result())


def _disable(tf1: Any) -> None:
    # TensorFlow warns that resource variables should stay on, which is no news to TF1 code.
    verbosity = tf1.logging.get_verbosity()
    tf1.logging.set_verbosity(tf1.logging.ERROR)
    try:
        tf1.disable_v2_behavior()
    finally:
        tf1.logging.set_verbosity(verbosity)
