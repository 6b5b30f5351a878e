"""Problem details for programs (RFC 9457): what an API answers when it refuses. Pure."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from ecocloud.base.errors import EcoError

CONTENT_TYPE = "application/problem+json"


def problem(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """The members of RFC 9457 section 3.1 with ``code``, the stable identifier ``room.reason``, and ``more``."""
    title = HTTPStatus(status).phrase
    return {"type": f"urn:ecocloud:problem:{code}", "title": title, "status": status, "detail": detail,
            "code": code, **more}  # fmt: skip


def of_error(error: EcoError) -> dict[str, Any]:
    """A typed error as a problem: its English text, and all that ``as_dict`` tells (faults by field, Chinese text)."""
    return {**error.as_dict(), **problem(error.http_status, error.code, error.message_en)}
