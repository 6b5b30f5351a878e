"""Calls by key: ``Authorization: Bearer KEY`` below ``/api/`` only, limited by rate, traced by the key's head."""

from __future__ import annotations

import hmac

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from ecocloud.base.problems import CONTENT_TYPE, problem
from ecocloud.kernel.journal.services import count_refusal
from ecocloud.kernel.regions import keys, signin
from ecocloud.kernel.regions.models import ApiKey, User

ROUTE = "api"
_USED_SECONDS = 60
_WINDOW = 60


def bearer(request: HttpRequest) -> str | None:
    """The key a call brings; None when it brings none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


class KeyAccess:
    """Puts the key's account in place of a session's; a bad key is refused, never taken for a session.

    Cookies of such a call are not read, so that no other site can borrow them: it needs no CSRF token.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = bearer(request) if request.path.startswith("/api/") else None
        if token is None:
            return self.get_response(request)
        key = _found(token)
        if key is None:
            count_refusal(ROUTE, "bad-key")
            return _refused(401, "regions.key", "the key is unknown, expired or revoked", **{
                "WWW-Authenticate": 'Bearer realm="ecocloud", error="invalid_token"'})  # fmt: skip
        wait = _over_rate(key)
        if wait:
            count_refusal(ROUTE, "rate")
            return _refused(429, "regions.rate", f"more than {key.per_minute} calls a minute", **{
                "Retry-After": str(wait)})  # fmt: skip
        _enter(request, key)
        return self.get_response(request)


def _found(token: str) -> ApiKey | None:
    head = keys.head_of(token)
    row = ApiKey.objects.select_related("user__department__region").filter(head=head).first() if head else None
    if row is None or not hmac.compare_digest(row.digest, keys.digest_of(token)):
        return None
    return row if row.in_force() and row.user.is_active else None


def _over_rate(key: ApiKey) -> int:
    """Seconds to wait when this call is one too many, else 0. Counted where the cache lives: in each process."""
    second = int(timezone.now().timestamp())
    window = f"api-key:{key.pk}:{second // _WINDOW}"
    cache.add(window, 0, 2 * _WINDOW)
    try:
        calls = cache.incr(window)
    except ValueError:  # the cache dropped it meanwhile
        return 0
    return _WINDOW - second % _WINDOW if calls > key.per_minute else 0


def _enter(request: HttpRequest, key: ApiKey) -> None:
    user = key.user
    user.request_address, user.request_id = signin.address_of(request), getattr(request, "request_id", "")
    user.key_head, user.key_limit, user._scope_memo = key.head, keys.KeyLimit.of(key.scopes), {}
    request.user, request.api_key = user, key
    request._dont_enforce_csrf_checks = True
    now = timezone.now()
    if key.last_used_at is None or (now - key.last_used_at).total_seconds() >= _USED_SECONDS:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now, last_address=user.request_address[:64])
        User.objects.filter(pk=user.pk).update(last_seen=now)


def _refused(status: int, code: str, detail: str, **headers: str) -> HttpResponse:
    response = JsonResponse(problem(status, code, detail), status=status, content_type=CONTENT_TYPE, headers=headers)
    response["X-Refused-By"] = "access"
    return response
