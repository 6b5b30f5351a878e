"""The OpenAPI document of what the caller may call: the rooms' routers, and what rooms make from data."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest
from django.urls import Resolver404, resolve

from ecocloud import __version__
from ecocloud.base.rooms import SIGNED_IN, all_rooms, load
from ecocloud.kernel.regions import permissions
from ecocloud.web.access import access_table
from ecocloud.web.api import site

_METHODS = ("get", "post", "put", "patch", "delete")
_DESCRIPTION = (
    "Call with the header `Authorization: Bearer KEY`. A key opens what its account may do, within the account's data "
    "scope and the key's own limits; this document lists just that. Refusals are problems (RFC 9457): `code` is "
    "stable, `faults` names every wrong field. Times are UTC, days are those of Asia/Shanghai."
)


def build(request: HttpRequest, parts: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The document (OpenAPI 3.1) for the caller; ``parts``: only these parts of rooms that have parts (empty: all)."""
    viewer = request.user
    found: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "EcoCloud 生态云", "version": __version__, "description": _DESCRIPTION},
        "servers": [{"url": "/"}],
        "security": [{"key": []}, {"session": []}],
        "tags": [],
        "paths": {},
        "components": {
            "schemas": {},
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "An API key"},
                "session": {"type": "apiKey", "in": "cookie", "name": "sessionid",
                            "description": "Signed in; writing needs the CSRF token"},
            },
        },
    }  # fmt: skip
    for part in (
        _fixed(viewer),
        *(load(room.api_document)(viewer, parts) for room in all_rooms() if room.api_document),
    ):
        found["paths"] |= part["paths"]
        found["components"]["schemas"] |= part["components"]["schemas"]
        found["tags"] += part.get("tags", [])
    return found


def _fixed(viewer: Any) -> dict[str, Any]:
    """The routers' calls that the caller may make, with the schemas they use."""
    whole = site.get_openapi_schema()
    paths = {}
    for path, calls in whole["paths"].items():
        kept = {name: call for name, call in calls.items() if name not in _METHODS or _may(viewer, path, name)}
        if any(name in _METHODS for name in kept):
            paths[path] = {name: _plain(call) if name in _METHODS else call for name, call in kept.items()}
    known = whole.get("components", {}).get("schemas", {})
    wanted: set[str] = set()
    fresh = _used(paths)
    while fresh:
        wanted |= fresh
        fresh = set().union(*(_used(known[name]) for name in fresh)) - wanted
    return {"paths": paths, "components": {"schemas": {name: known[name] for name in sorted(wanted)}}}


def _plain(call: dict[str, Any]) -> dict[str, Any]:
    """A call without its own security: that of the document holds for all."""
    return {name: part for name, part in call.items() if name != "security"}


def _may(viewer: Any, path: str, method: str) -> bool:
    try:
        line = access_table().get(resolve(re.sub(r"\{[^}]*\}", "1", path)).view_name)
    except Resolver404:
        return False
    if line is None or method.upper() not in line.methods:
        return False
    limit = getattr(viewer, "key_limit", None)
    if method != "get" and limit is not None and not limit.writes(line.permission):
        return False
    return line.permission == SIGNED_IN or permissions.allowed(viewer, line.permission)


def _used(node: Any) -> set[str]:
    """The names of the component schemas that a part of the document points at."""
    if isinstance(node, dict):
        own = {node["$ref"].rpartition("/")[2]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(_used(part) for part in node.values()))
    return set().union(*(_used(part) for part in node)) if isinstance(node, list) else set()
