"""Bytes from memory by ranges (RFC 9110, section 14), so that a browser can seek in a sound."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


def ranged(request: Request, content: bytes, kind: str) -> Response:
    """The content, or the one range that is asked for; several ranges are answered with the whole."""
    headers = {"Accept-Ranges": "bytes"}
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None or asked.groups() == ("", ""):
        return Response(content, media_type=kind, headers=headers)
    first, last = _bounds(*asked.groups(), len(content))
    if not first <= last:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{len(content)}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return Response(content[first : last + 1], 206, media_type=kind, headers=headers)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """The first byte and the last; "-500" asks for the last 500."""
    if not first:
        return max(0, size - int(last)), (size - 1 if int(last) else -1)
    return int(first), min(int(last) if last else size - 1, size - 1)
