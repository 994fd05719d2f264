"""Telling requests from whatever else comes."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from jupyter_tfsession.frontend.protocol.requests import REQUESTS, Request
from jupyter_tfsession.frontend.protocol.types import VERSION

_LONGEST_ID: Final = 64  # as Token has it


class MalformedError(ValueError):
    """A message is not one of the protocol.

    Attributes
    ----------
    code
        The code of the refusal: ``version``, ``unknown`` or ``malformed``.
    id
        The request's own id where it has a usable one, else "".
    """

    def __init__(self, text: str, code: str, request_id: str) -> None:
        super().__init__(text[:500])
        self.code = code
        self.id = request_id


def parse(data: Any, kind: Any = Request) -> Any:
    """Turn what a comm delivered into a request.

    Raises
    ------
    MalformedError
        It is none.
    """
    fields = data if isinstance(data, dict) else {}
    try:
        return msgspec.convert(data, kind)
    except (msgspec.ValidationError, RecursionError, OverflowError) as error:
        version, asked, given = (fields.get(key) for key in ("version", "type", "id"))
        code = "malformed"
        if version != VERSION and isinstance(version, int):
            code = "version"
        elif kind is Request and isinstance(asked, str) and asked not in REQUESTS:
            code = "unknown"
        usable = given if isinstance(given, str) and len(given) <= _LONGEST_ID else ""
        raise MalformedError(str(error), code, usable) from None
