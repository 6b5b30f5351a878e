"""The shell's guards: deny by default, content security policy, language, errors as pages."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_noop

from ecocloud.base.errors import EcoError
from ecocloud.base.problems import CONTENT_TYPE, of_error, problem
from ecocloud.base.rooms import ANYONE, SIGNED_IN
from ecocloud.kernel.journal.services import count_refusal
from ecocloud.kernel.regions import permissions
from ecocloud.web.access import access_table

log = logging.getLogger("ecocloud.web")
LANGUAGE_COOKIE = "eco_language"
# style-src 'self' without 'unsafe-inline': no page, chart or map of ours writes inline styles into its markup.
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)


class ContentSecurityPolicy:
    """Nothing is loaded from outside and nothing inline is run."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex[:16]
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", POLICY)
        response.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
        response.setdefault("X-Request-Id", request.request_id)
        if response.get("Content-Type", "").startswith(("text/html", "application/json", CONTENT_TYPE)):
            response.setdefault("Cache-Control", "no-store")
        return response


class Language:
    """Chinese unless the person switched to English (kept in a cookie; ``?language=en`` switches)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = dict(settings.LANGUAGES)
        asked = request.GET.get("language", "")
        code = asked if asked in known else request.COOKIES.get(LANGUAGE_COOKIE, settings.LANGUAGE_CODE)
        with translation.override(code if code in known else settings.LANGUAGE_CODE, deactivate=True):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
        if asked in known:
            response.set_cookie(LANGUAGE_COOKIE, asked, max_age=365 * 86400, samesite="Lax", httponly=True)
        response.headers["Content-Language"] = request.LANGUAGE_CODE
        # A file is sent as it lies; every other stream is still made after this function has returned.
        if response.streaming and getattr(response, "file_to_stream", None) is None:
            response.streaming_content = speaking(request.LANGUAGE_CODE, response.streaming_content)
        return response


def speaking(language: str, parts: Iterable[bytes]) -> Iterator[bytes]:
    """The parts of a stream, each made in ``language``; between them the thread keeps the language it had."""
    parts = iter(parts)
    while True:
        with translation.override(language):
            part = next(parts, None)
        if part is None:
            return
        yield part


def wants_fragment(request: HttpRequest) -> bool:
    """True for calls by a script (htmx or the API), which get a status instead of a redirect."""
    return request.headers.get("HX-Request") == "true" or request.path.startswith("/api/")


class PlainText:
    """Refuses NUL characters in addresses, forms and JSON: no text of people has them and PostgreSQL stores none."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs) -> HttpResponse | None:
        """Refuse before anything is read or written with the text."""
        if self._has_nul(request, kwargs):
            return refusal(
                request, 400, gettext_noop("输入的文字含有不可用的字符，请删去后重试。"), "NUL character in the input"
            )
        return None

    @staticmethod
    def _has_nul(request: HttpRequest, kwargs: dict) -> bool:
        if any("\x00" in str(value) for value in kwargs.values()) or "%00" in request.META.get("QUERY_STRING", ""):
            return True
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return False
        if request.content_type == "application/json":
            return b"\\u0000" in request.body
        return any("\x00" in text for name, texts in request.POST.lists() for text in (name, *texts))


class DenyByDefault:
    """A route without an ``Access`` line opens for nobody; the others only for holders of its permission."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs) -> HttpResponse | None:
        """Refuse before the view runs."""
        route = request.resolver_match.view_name
        line = access_table().get(route)
        if line is not None and line.permission == ANYONE:
            return None
        if not request.user.is_authenticated:
            count_refusal(route, "anonymous")
            if wants_fragment(request):
                return refusal(request, 401, gettext_noop("请先登录。"), "sign in first")
            response = redirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()})}")
            response["X-Refused-By"] = "access"
            return response
        if line is None:
            log.error("route %s has no access line", route)
            return refusal(
                request, 403, gettext_noop("此页面未登记访问权限，任何人都不能打开。"), "route without access line"
            )
        if request.method not in ("HEAD", "OPTIONS") and request.method not in line.methods:
            return refusal(request, 405, gettext_noop("此地址不接受这种请求。"), f"method {request.method} not allowed")
        limit = getattr(request.user, "key_limit", None)
        reading = request.method in ("GET", "HEAD", "OPTIONS") or limit is None or limit.writes(line.permission)
        may = line.permission == SIGNED_IN or permissions.allowed(request.user, line.permission)
        if not (may and reading):
            permissions.journal_refusal(request.user, route, line.permission, request_id=request.request_id)
            return refusal(
                request, 403, gettext_noop("您没有打开此页面的权限。"), f"missing permission {line.permission}"
            )
        return None


def refusal(request: HttpRequest, status: int, zh: str, en: str) -> HttpResponse:
    """A refusal as a page, or as JSON for scripts; ``zh`` is marked by ``gettext_noop`` and translated for the page."""
    if wants_fragment(request):
        told = problem(status, f"http.{status}", en, message_zh=zh, message_en=en)
        response: HttpResponse = JsonResponse(told, status=status, content_type=CONTENT_TYPE)
    else:
        response = render(
            request, "web/refused.html", {"status": status, "sentence": translation.gettext(zh)}, status=status
        )
    response["X-Refused-By"] = "access"
    return response


class Errors:
    """Typed errors become one clear sentence on a page; the journal and the log keep the English text."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer an :class:`EcoError`; leave everything else to Django's handler."""
        if not isinstance(error, EcoError):
            return None
        log.info("%s %s: %s", request.method, request.path, error)
        if wants_fragment(request):
            return JsonResponse(of_error(error), status=error.http_status, content_type=CONTENT_TYPE)
        context = {"status": error.http_status, "sentence": error.sentence_zh(), "error": error}
        return render(request, "web/refused.html", context, status=error.http_status)
