"""The rewriting of import statements, by an AST transformer of the shell."""

from __future__ import annotations

import ast
import copy
import logging
from typing import TYPE_CHECKING, Any, Final

from jupyter_tfsession.compat.api import V1

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from IPython.core.interactiveshell import InteractiveShell

logger = logging.getLogger(__name__)

_TOP: Final = "tensorflow"
_API: Final = "jupyter_tfsession.compat.api"

# Submodules that are one and the same under both APIs, or gone for good; and explicit choices of
# an API. Importing these works, or fails, as it does in TensorFlow.
_UNTOUCHED: Final = frozenset({"compat", "contrib", "core", "examples", "python"})

# The nodes that have a position, of those that are made here.
_PLACED: Final = (ast.stmt, ast.expr, ast.alias, ast.keyword)


def is_installed(shell: InteractiveShell) -> bool:
    """Whether the TensorFlow imports of the shell's cells are rewritten."""
    return any(isinstance(found, TF1Imports) for found in shell.ast_transformers)


class TF1Imports(ast.NodeTransformer):
    """Rewrites the TensorFlow imports in the syntax tree of a cell.

    A tree that it cannot rewrite is returned as it was, and `failed` told why.
    """

    def __init__(self, failed: Callable[[Exception], None] | None = None) -> None:
        self._failed = failed or log_failure

    def visit(self, node: ast.AST) -> Any:
        """Return the tree with its TensorFlow imports rewritten; `node` itself is not changed."""
        try:
            if not any(_is_rewritten(found) for found in ast.walk(node)):
                return node
            return _Rewriter().visit(copy.deepcopy(node))
        except Exception as error:  # noqa: BLE001 - the cell must run whatever goes wrong here
            self._failed(error)
            return node


def log_failure(error: Exception) -> None:
    """Log why a cell could not be rewritten."""
    logger.warning("TensorFlow imports of a cell were not rewritten for TF1: %r", error)


def _is_rewritten(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(submodule(alias.name) is not None for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return not node.level and submodule(node.module or "") is not None
    return False


def submodule(module: str) -> str | None:
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
            path = submodule(alias.name)
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
        path = submodule(node.module or "") or ""
        statements = [_call("prepare")]
        for alias in node.names:
            original = ast.ImportFrom(node.module, [alias], 0)
            if alias.name != "*":
                name = f"{path}.{alias.name}".lstrip(".")
                statements.append(_either(name, alias.asname or alias.name, original))
            elif path:
                statements.append(original)
            else:
                statements.append(ast.ImportFrom(V1, [alias], 0))
        return _placed(statements, node)


def _imported_below_top(alias: ast.alias, path: str) -> Iterator[ast.stmt]:
    # `import tensorflow.x` imports x, but the name that it binds is `tensorflow`.
    if path:
        missing = ast.UnaryOp(ast.Not(), _helper("has", path))
        yield ast.If(missing, [ast.Import([alias])], [])
    yield _import_v1(_TOP)


def _import_v1(name: str) -> ast.stmt:
    return ast.Import([ast.alias(V1, name)])


def _either(path: str, name: str, original: ast.stmt) -> ast.stmt:
    """Bind the TensorFlow 1 object; where there is none, the import as it was written."""
    bound = ast.Assign([ast.Name(name, ast.Store())], _helper("get", path))
    # The original statement is what fails, so that the error is the one TensorFlow gives.
    return ast.If(_helper("has", path), [bound], [original])


def _call(name: str) -> ast.stmt:
    return ast.Expr(_helper(name))


def _helper(name: str, *arguments: str) -> ast.expr:
    """Build a call of a function of `compat.api`, which binds no name in the cell."""
    call = f"__import__({_API!r}, fromlist=['_']).{name}{arguments!r}"
    return ast.parse(call, mode="eval").body


def _placed(statements: list[ast.stmt], original: ast.Import | ast.ImportFrom) -> list[ast.stmt]:
    # At the place of the original, so that tracebacks and debuggers show the user's line.
    own = set(map(id, original.names))
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, _PLACED) and id(node) not in own:
                ast.copy_location(node, original)
    return statements
