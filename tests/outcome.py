"""What a cell leaves below itself, put together from the messages of one execution."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

Message: TypeAlias = "dict[str, Any]"

NOTICE_MIME: Final = "application/vnd.tfsession.notice+json"
_ANSI: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


@dataclass(frozen=True)
class CellError:
    """The exception that ended a cell; ``traceback`` is one string without ANSI codes."""

    ename: str
    evalue: str
    traceback: str


@dataclass(frozen=True)
class Outcome:
    """What one execution left below its cell, the way a front end would show it.

    ``displays`` are the mime bundles of ``display_data`` after ``update_display_data`` and
    ``clear_output``; ``notices`` are the plain texts of those that are the extension's notices.
    """

    stdout: str = ""
    stderr: str = ""
    text: str = ""
    html: str = ""
    displays: list[dict[str, Any]] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    error: CellError | None = None
    count: int | None = None

    @property
    def ok(self) -> bool:
        """Whether the cell ended without an exception."""
        return self.error is None


def plain(text: str) -> str:
    """Remove terminal colours."""
    return _ANSI.sub("", text)


@dataclass
class _Page:
    """The outputs below a cell while messages arrive, with a front end's rules."""

    outputs: list[Message] = field(default_factory=list)
    clear_next: bool = False

    def add(self, message: Message) -> None:
        kind, content = message["msg_type"], message["content"]
        if kind == "clear_output":
            self.clear_next = bool(content.get("wait"))
            if not self.clear_next:
                self.outputs.clear()
        elif kind == "update_display_data":
            self._update(message)
        elif kind in {"stream", "display_data", "execute_result", "error"}:
            if self.clear_next:
                self.outputs.clear()
                self.clear_next = False
            self.outputs.append(message)

    def _update(self, message: Message) -> None:
        display = message["content"].get("transient", {}).get("display_id")
        for at, shown in enumerate(self.outputs):
            if shown["content"].get("transient", {}).get("display_id") == display:
                self.outputs[at] = {**message, "msg_type": shown["msg_type"]}

    def contents(self, kind: str) -> list[Message]:
        return [shown["content"] for shown in self.outputs if shown["msg_type"] == kind]

    def stream(self, name: str) -> str:
        return "".join(part["text"] for part in self.contents("stream") if part["name"] == name)


def outcome_of(messages: Sequence[Message], reply: Message) -> Outcome:
    """Put the iopub messages of one execution and its reply together."""
    page = _Page()
    for message in messages:
        page.add(message)
    displays = page.contents("display_data")
    result: Message = next(iter(page.contents("execute_result")), {}).get("data", {})
    error = next((_error_of(content) for content in page.contents("error")), None)
    if error is None and reply["content"]["status"] != "ok":
        error = _error_of(reply["content"])
    return Outcome(
        stdout=page.stream("stdout"),
        stderr=page.stream("stderr"),
        text=str(result.get("text/plain", "")),
        html=str(result.get("text/html", "")),
        displays=[shown["data"] for shown in displays],
        notices=[
            str(shown["data"].get("text/plain", "")) for shown in displays if _is_notice(shown)
        ],
        error=error,
        count=reply["content"].get("execution_count"),
    )


def _is_notice(shown: Message) -> bool:
    return NOTICE_MIME in shown["data"] or NOTICE_MIME in shown.get("metadata", {})


def _error_of(content: Message) -> CellError:
    return CellError(
        ename=str(content.get("ename", content.get("status", ""))),
        evalue=plain(str(content.get("evalue", ""))),
        traceback=plain("\n".join(content.get("traceback", []))),
    )
