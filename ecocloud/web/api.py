"""The API root: rooms give routers, sign-in is the session's, rights are the access table's."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.security import django_auth

from ecocloud import __version__
from ecocloud.base.errors import EcoError
from ecocloud.base.rooms import all_rooms, load

site = NinjaAPI(
    title="EcoCloud 生态云",
    version=__version__,
    urls_namespace="api",
    auth=django_auth,
    docs_url="docs",
    openapi_url="openapi.json",
)


@site.exception_handler(EcoError)
def refuse(request: HttpRequest, error: EcoError) -> HttpResponse:
    """A typed error as JSON with its status."""
    return site.create_response(request, error.as_dict(), status=error.http_status)


@site.exception_handler(UnicodeEncodeError)
def refuse_text(request: HttpRequest, error: UnicodeEncodeError) -> HttpResponse:
    """Half a character (a lone surrogate in JSON) can be stored nowhere."""
    told = {"message_zh": "输入的文字含有不完整的字符。", "message_en": "lone surrogate in the input"}
    return site.create_response(request, {"code": "http.400"} | told, status=400)


for _room in all_rooms():
    if _room.api:
        site.add_router(f"/{_room.name}", load(_room.api))
