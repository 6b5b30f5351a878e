"""What every request of a signed-in person passes: idle time-out, second factor, forced password change, last seen."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import LazyObject

from ecocloud.base.problems import CONTENT_TYPE, problem
from ecocloud.kernel.regions import passwords, signin
from ecocloud.kernel.regions.models import User

_LAST_SEEN_SECONDS = 60
# Routes that stay open while a step of the sign-in is missing.
_OPEN = frozenset({"regions:sign-out", "regions:sign-in", "regions:second-step", "regions:enrol", "regions:password"})


def _unwrapped(user: Any) -> Any:
    while isinstance(user, LazyObject):
        user = user._wrapped
    return user


class SignedInSession:
    """Ends idle sessions and leads to the step that is missing; writes ``last_seen`` at most once a minute.

    A call by key (``key_access.KeyAccess``) has no session and passes.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated or hasattr(request, "api_key"):
            return self.get_response(request)
        # The person himself instead of the lazy stand-ins of the sign-in layers, which cost at every look at him.
        user = request.user = _unwrapped(request.user)
        user.request_address = signin.address_of(request)
        user.request_id = getattr(request, "request_id", "")
        user._scope_memo = {}
        if self._idle(request):
            signin.sign_out(request, "idle")
            return _lead(
                request, "regions:sign-in", 401, "已超过规定时间未操作，请重新登录。", "session timed out", "?idle=1"
            )
        self._seen(request, user)
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs) -> HttpResponse | None:
        """Lead to the missing step before the view runs."""
        if hasattr(request, "api_key"):
            return None
        if not request.user.is_authenticated or request.resolver_match.view_name in _OPEN:
            return None
        step = signin.missing_step(request.user)
        if step:
            return _lead(request, step, 401, "请先完成动态口令验证。", "second factor required")
        if passwords.must_change(request.user):
            return _lead(request, "regions:password", 403, "请先修改密码。", "password must be changed")
        return None

    @staticmethod
    def _idle(request: HttpRequest) -> bool:
        seen = request.session.get(signin.SEEN_KEY)
        return seen is not None and timezone.now().timestamp() - seen > settings.IDLE_TIMEOUT_SECONDS

    @staticmethod
    def _seen(request: HttpRequest, user: User) -> None:
        now = timezone.now()
        seen = request.session.get(signin.SEEN_KEY, 0)
        if now.timestamp() - seen >= min(_LAST_SEEN_SECONDS, settings.IDLE_TIMEOUT_SECONDS / 10):
            request.session[signin.SEEN_KEY] = now.timestamp()
        if user.last_seen is None or (now - user.last_seen).total_seconds() >= _LAST_SEEN_SECONDS:
            User.objects.filter(pk=user.pk).update(last_seen=now)


def _lead(request: HttpRequest, route: str, status: int, zh: str, en: str, query: str = "") -> HttpResponse:
    """A redirect for pages; for scripts (htmx, API) a status with the address to go to."""
    url = reverse(route) + query
    if request.headers.get("HX-Request") == "true" or request.path.startswith("/api/"):
        told = problem(status, "regions.session", en, message_zh=zh, message_en=en)
        response = JsonResponse(told, status=status, content_type=CONTENT_TYPE)
        response["HX-Redirect"] = url
        return response
    return redirect(url)
