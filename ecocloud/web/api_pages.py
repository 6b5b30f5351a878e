"""The OpenAPI document and a page made from it, without scripts from anywhere else."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from ecocloud.web.api_document import _METHODS, build


def _parts(request: HttpRequest) -> frozenset[str]:
    return frozenset(filter(None, request.GET.get("registers", "").split(",")))


def document(request: HttpRequest) -> HttpResponse:
    """What the caller may call, as OpenAPI 3.1; ``?registers=a,b`` keeps the document small."""
    return JsonResponse(build(request, _parts(request)), json_dumps_params={"ensure_ascii": False})


def page(request: HttpRequest) -> HttpResponse:
    """The same for people: a register or room at a time, each call with parameters, bodies and answers."""
    whole = build(request)
    groups = _groups(whole)
    chosen = request.GET.get("tag", "")
    shown = [one for one in groups if one["name"] == chosen]
    context = {
        "groups": groups,
        "group": shown[0] if shown else None,
        "calls": [_call(whole, *one) for one in shown[0]["calls"]] if shown else [],
        "title": whole["info"]["title"],
        "host": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "web/api.html", context)


def _groups(whole: dict[str, Any]) -> list[dict[str, Any]]:
    words = {tag["name"]: tag["description"] for tag in whole["tags"]}
    found: dict[str, list[tuple[str, str]]] = {}
    for path, calls in whole["paths"].items():
        for method in _METHODS:
            if method in calls:
                found.setdefault(calls[method].get("tags", [""])[0], []).append((path, method))
    return [{"name": name, "words": words.get(name, name), "calls": calls} for name, calls in found.items()]


def _call(whole: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    call = whole["paths"][path][method]
    answers = []
    for status, answer in call["responses"].items():
        schema = _schema(answer.get("content", {}))
        answers.append({"status": status, "words": answer.get("description", ""),
                        "schema": _text(whole, schema) if str(status).startswith("2") and schema else ""})  # fmt: skip
    body = _schema(call.get("requestBody", {}).get("content", {}))
    parameters = [
        {"name": one["name"], "where": one["in"], "required": one.get("required", False),
         "kind": _kind(one["schema"]), "words": one.get("description", "")}
        for one in [*whole["paths"][path].get("parameters", []), *call.get("parameters", [])]
    ]  # fmt: skip
    return {"path": path, "method": method.upper(), "id": call["operationId"], "words": call.get("summary", ""),
            "parameters": parameters, "body": _text(whole, body) if body else "", "answers": answers}  # fmt: skip


def _schema(content: dict[str, Any]) -> dict[str, Any] | None:
    return next((one.get("schema") for one in content.values()), None)


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    if schema.get("type") == "array":
        inner = _kind(schema["items"])
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    kind = schema.get("type") or " | ".join(_kind(one) for one in schema.get("anyOf", [])) or "any"
    return " | ".join(kind) if isinstance(kind, list) else kind


def _text(whole: dict[str, Any], schema: dict[str, Any]) -> str:
    """A schema as indented JSON, its own reference opened once."""
    name = schema.get("$ref", "").rpartition("/")[2]
    opened = whole["components"]["schemas"].get(name, schema)
    return json.dumps(opened, ensure_ascii=False, indent=2)
