"""The API root: rooms give routers; who calls is the session's or the key's account, rights are the access table's."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, AuthorizationError, HttpError, ValidationError
from ninja.security import HttpBearer, django_auth

from ecocloud import __version__
from ecocloud.base.errors import EcoError
from ecocloud.base.problems import CONTENT_TYPE, of_error, problem
from ecocloud.base.rooms import all_rooms, load


class ByKey(HttpBearer):
    """A call whose key ``KeyAccess`` has accepted; it needs no CSRF token."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """The key's account."""
        return request.user if hasattr(request, "api_key") else None


site = NinjaAPI(
    title="EcoCloud 生态云",
    version=__version__,
    urls_namespace="api",
    auth=[ByKey(), django_auth],
    docs_url=None,
    openapi_url=None,  # the document for the caller is api_document.build
)


def _answer(body: dict[str, Any]) -> HttpResponse:
    return JsonResponse(body, status=body["status"], content_type=CONTENT_TYPE)


@site.exception_handler(EcoError)
def refuse(request: HttpRequest, error: EcoError) -> HttpResponse:
    """A typed error as a problem with its status."""
    return _answer(of_error(error))


@site.exception_handler(ValidationError)
def refuse_form(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """A body or query that does not fit its schema: every fault with its place."""
    faults = [{"field": ".".join(str(part) for part in one["loc"][1:]), "message_en": one["msg"]}
              for one in error.errors]  # fmt: skip
    return _answer(problem(422, "http.422", "the call does not fit its schema", faults=faults))


@site.exception_handler(Http404)
@site.exception_handler(HttpError)
@site.exception_handler(AuthenticationError)
@site.exception_handler(AuthorizationError)
def refuse_plain(request: HttpRequest, error: Exception) -> HttpResponse:
    """What the framework refuses."""
    status = getattr(error, "status_code", 404)
    return _answer(problem(status, f"http.{status}", str(error) or HTTPStatus(status).phrase))


@site.exception_handler(UnicodeEncodeError)
def refuse_text(request: HttpRequest, error: UnicodeEncodeError) -> HttpResponse:
    """Half a character (a lone surrogate in JSON) can be stored nowhere."""
    told = problem(400, "http.400", "lone surrogate in the input")
    return _answer(told | {"message_zh": "输入的文字含有不完整的字符。", "message_en": told["detail"]})


for _room in all_rooms():
    if _room.api:
        site.add_router(f"/{_room.name}", load(_room.api))
