"""The registers' part of the OpenAPI document: one set of calls for each register the caller may open."""

from __future__ import annotations

from typing import Any

from ecocloud.kernel.regions import permissions
from ecocloud.kernel.registers import queries
from ecocloud.kernel.registers.api import asking, schemas
from ecocloud.kernel.registers.api.views import may_open
from ecocloud.kernel.registers.definition import TypeDefinition
from ecocloud.kernel.registers.register import Register, register_of
from ecocloud.kernel.registers.services import guards

Part = dict[str, Any]
_ROOT = "/api/v1/registers"


def document(viewer: Any, parts: frozenset[str] = frozenset()) -> Part:
    """Paths, components and tags for what ``viewer`` may call; ``parts``: only these registers (empty: all)."""
    paths: Part = {}
    components: Part = {}
    tags: list[Part] = []
    if permissions.allowed(viewer, queries.VIEW):
        paths[f"{_ROOT}/"] = {"get": _call("registers", "types", "The registers this caller may open", _TYPES)}
        components |= {
            "problem": schemas.PROBLEM,
            "inspection": schemas.INSPECTION,
            "file": schemas.FILE,
            "statistics": schemas.STATISTICS,
        }
        writes = permissions.allowed(viewer, guards.EDIT)
        for row in queries.registers(viewer).order_by("code"):
            if may_open(viewer, row.code) and (not parts or row.code in parts):
                register = register_of(row)
                tags.append({"name": row.code, "description": f"{row.zh} {row.en}"})
                components |= _components(register)
                paths |= _paths(register, writes and may_open(viewer, row.code, write=True))
    return {"paths": paths, "components": {"schemas": components}, "tags": tags}


_TYPES = schemas.page_of({
    "type": "object",
    "properties": {name: {"type": "integer" if name == "version" else "string"}
                   for name in ("code", "zh", "en", "version", "objects")},
    "required": ["code", "zh", "en", "version", "objects"],
})  # fmt: skip


def _ref(name: str) -> Part:
    return {"$ref": f"#/components/schemas/{name}"}


def _components(register: Register) -> Part:
    return {f"{register.code}.{name}": shape for name, shape in schemas.shapes_of(register.definition).items()}


def _call(tag: str, name: str, summary: str, answer: Part, *, status: int = 200, refusals: tuple[int, ...] = (),
          body: Part | None = None, parameters: list[Part] | None = None) -> Part:  # fmt: skip
    words = {400: "A value or parameter does not fit", 401: "No key or session, or a bad one", 403: "Not allowed",
             404: "Not there, or outside the data scope", 409: "Changed meanwhile, guard, duplicate, closed year",
             429: "Too many calls"}  # fmt: skip
    problem = {"application/problem+json": {"schema": _ref("problem")}}
    found: Part = {
        "tags": [tag],
        "operationId": f"{tag}_{name}",
        "summary": summary,
        "responses": {
            str(status): {"description": "Done", "content": {"application/json": {"schema": answer}}},
            **{str(one): {"description": words[one], "content": problem} for one in (400, 401, 403, *refusals, 429)},
        },
    }
    if parameters:
        found["parameters"] = parameters
    if body is not None:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return found


def _query(name: str, schema: Part, description: str, *, several: bool = False) -> Part:
    shape = {"type": "array", "items": schema} if several else schema
    return {"name": name, "in": "query", "schema": shape, "description": description}


_LIMIT = _query("limit", {"type": "integer", "minimum": 1, "maximum": asking.LARGEST_LIMIT,
                          "default": asking.DEFAULT_LIMIT}, "Rows of a page")  # fmt: skip
_CURSOR = _query("cursor", {"type": "string"}, "`next` of the page before")
_AS_OF = _query("as_of", schemas.DATE, "As it was on this day")
_PAGED = [_LIMIT, _CURSOR]
_TEXT: Part = {"type": "string"}
_PK: Part = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}


def _filters(register: Register) -> list[Part]:
    """The parameters of a list: of every object, and of the indexed fields."""
    definition = register.definition
    orders = [*queries.HEADER, *register.slots]
    found = [
        *_PAGED,
        _query("order", {"type": "string", "enum": [*orders, *(f"-{one}" for one in orders)], "default": "code"},
               "Order; ties by code, missing values last"),
        _query("fields", _TEXT, "Only these fields of `values`, with commas; `geometry` is one of them"),
        _AS_OF,
        _query("retired", {"type": "boolean", "default": False}, "Retired objects too"),
        _query("state", {"type": "string", "enum": list(definition.state_by_code)}, "State", several=True),
        _query("year", {"type": "integer"}, "Year the object counts for", several=True),
        _query("region", _TEXT, "Division code; those below it are included"),
        _query("department", _TEXT, "Code of the department", several=True),
        _query("name", _TEXT, "The name holds this text"),
        _query("code", _TEXT, "Exactly this code"),
        _query("box", _TEXT, "west,south,east,north in degrees"),
    ]  # fmt: skip
    for name in asking.filters_of(register):
        field = definition.by_code[name.split(".")[1]]
        end = {"from": "at least", "to": "at most"}.get(name.rpartition(".")[2], "is")
        unit = f" ({field.unit})" if field.unit else ""
        found.append(_query(name, _TEXT, f"{field.zh} {field.en}{unit} {end}", several=end == "is"))
    return found


def _paths(register: Register, writes: bool) -> Part:
    code, definition = register.code, register.definition
    root, one = f"{_ROOT}/{code}", f"{_ROOT}/{code}/objects/{{id}}"
    item = _ref(f"{code}.object")
    listing = {"get": _call(code, "list", f"Objects of {definition.en}", schemas.page_of(item),
                            parameters=_filters(register))}  # fmt: skip
    single = {"parameters": [_PK], "get": _call(code, "read", "One object", item, refusals=(404,), parameters=[_AS_OF])}
    history = _call(code, "versions", "Its versions, oldest first", schemas.page_of(_ref(f"{code}.version")),
                    refusals=(404,), parameters=_PAGED)  # fmt: skip
    found: Part = {
        root: {"get": _call(code, "definition", "The definition", {"type": "object"})},
        f"{root}/schema": {"get": _schema_call(code)},
        f"{root}/objects": listing,
        one: single,
        f"{one}/versions": {"parameters": [_PK], "get": history},
        f"{root}/statistics": {"get": _statistics(code)},
    }
    if definition.inspections:
        found[f"{one}/inspections"] = {"parameters": [_PK], "get": _call(
            code, "inspections", "Its inspections, newest first", schemas.page_of(_ref("inspection")), refusals=(404,),
            parameters=_PAGED)}  # fmt: skip
    found[f"{one}/files"] = {"parameters": [_PK], "get": _call(
        code, "files", "Its files, newest first", schemas.page_of(_ref("file")), refusals=(404,),
        parameters=_PAGED)}  # fmt: skip
    found[f"{one}/files/{{file}}"] = {"parameters": [_PK, {**_PK, "name": "file"}], "get": _download(code)}
    if writes:
        _writing(found, definition, code, root, one)
    return found


def _schema_call(code: str) -> Part:
    call = _call(code, "schema", "The definition as JSON Schema", {"type": "object"})
    call["responses"]["200"]["content"] = {"application/schema+json": {"schema": {"type": "object"}}}
    return call


def _download(code: str) -> Part:
    call = _call(code, "file", "The bytes of a file", {}, refusals=(404,))
    call["responses"]["200"]["content"] = {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
    }
    return call


def _statistics(code: str) -> Part:
    by = _query("by", {"type": "string", "default": "state"}, f"Groups, with commas: {', '.join(queries.GROUPS)}")
    region = _query("region", _TEXT, "Division code; those below it are included")
    year = _query("year", {"type": "integer"}, "Year")
    retired = _query("retired", {"type": "boolean", "default": False}, "Retired objects too")
    return _call(code, "statistics", "Counts and sums", _ref("statistics"), parameters=[by, region, year, retired])


def _writing(found: Part, definition: TypeDefinition, code: str, root: str, one: str) -> None:
    item, refused = _ref(f"{code}.object"), (404, 409)
    found[f"{root}/objects"]["post"] = _call(code, "create", "A new object", item, status=201, refusals=(409,),
                                             body=_ref(f"{code}.create"))  # fmt: skip
    found[one]["patch"] = _call(code, "edit", "Change an object; what is left out stays", item, refusals=refused,
                                body=_ref(f"{code}.edit"))  # fmt: skip
    if any(field.kind == "file" and not field.deprecated for field in definition.fields):
        call = _call(code, "attach", "Put files into a file field", schemas.page_of(_ref("file")), status=201,
                     refusals=refused)  # fmt: skip
        content = {"multipart/form-data": {"schema": schemas.files_written(definition)}}
        found[f"{one}/files"]["post"] = {**call, "requestBody": {"required": True, "content": content}}
    if definition.transitions:
        found[f"{one}/steps"] = {"parameters": [_PK], "post": _call(
            code, "step", "Take it one step on", item, refusals=refused, body=_ref(f"{code}.step"))}  # fmt: skip
    if definition.inspections:
        found[f"{one}/inspections"]["post"] = _call(
            code, "inspect", "Record an inspection", _ref("inspection"), status=201, refusals=refused,
            body=_ref(f"{code}.inspection"))  # fmt: skip
