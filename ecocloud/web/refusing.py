"""What no view answers: pages for people, problems (RFC 9457) below ``/api/``."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

from ecocloud.base.problems import CONTENT_TYPE, problem

_WORDS = {
    400: ("请求有误，服务器不能处理。", "the call cannot be read", "请核对地址、请求头和内容的大小。"),
    403: ("您没有打开此地址的权限。", "not allowed", "请用有权限的账户或密钥。"),
    404: ("没有这个地址。", "no such address", "请对照 /api/v1/openapi.json 核对地址。"),
    500: (
        "服务器出错，已记入日志。",
        "the server failed; it is in its log",
        "请稍后重试，并把 X-Request-Id 告诉管理员。",
    ),
}


def _told(request: HttpRequest, status: int) -> HttpResponse | None:
    """The problem of a call of the API; None for pages."""
    if not request.path.startswith("/api/"):
        return None
    zh, en, remedy = _WORDS[status]
    told = problem(
        status, f"http.{status}", en, message_zh=zh, message_en=en, remedy_zh=remedy, value=request.path[:200]
    )
    return JsonResponse(told, status=status, content_type=CONTENT_TYPE)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A call that cannot be read: a body that is too large, a host that is not ours."""
    return _told(request, 400) or defaults.bad_request(request, exception)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A refusal of the framework."""
    return _told(request, 403) or defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An address without a route, or without what it names."""
    return _told(request, 404) or defaults.page_not_found(request, exception)


def failed(request: HttpRequest, *_: Any) -> HttpResponse:
    """A fault of ours; the page of it needs no database."""
    return _told(request, 500) or defaults.server_error(request)
