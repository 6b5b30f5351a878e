"""What a call asks: bodies and query parameters, every fault named with its field. Nothing is passed over silently."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from django.http import HttpRequest, QueryDict
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ecocloud.base.errors import EcoError
from ecocloud.kernel.regions import codes
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.registers.api.answers import GEOMETRY
from ecocloud.kernel.registers.errors import ValueFault, ValuesRefused
from ecocloud.kernel.registers.register import Register
from ecocloud.kernel.registers.values import SHOWN, shown

LARGEST_BODY = 1024 * 1024
DEEPEST_BODY = 40  # the deepest that there is: the corners of several polygons, at nine
MOST_FAULTS = 100
DEFAULT_LIMIT, LARGEST_LIMIT = 50, 200
HEADER_FILTERS = ("state", "year", "region", "department", "name", "code", "box")
_GENERAL = frozenset({"limit", "cursor", "order", "fields", "as_of", "retired"})


class BodyRefused(EcoError):
    """The body is not a JSON object of reasonable size; ``status`` of HTTP."""

    code = "registers.body"

    def __init__(self, message_zh: str, message_en: str, *, status: int = 400, **more: Any) -> None:
        self.http_status = status
        super().__init__(message_zh, message_en, **more)


def _day(given: Any) -> Any:
    if given is None or (isinstance(given, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", given, re.ASCII)):
        return given
    raise ValueError("a day is text: YYYY-MM-DD")


Day = Annotated[date, BeforeValidator(_day)]
Version = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")
    values: dict[str, Any] = Field(default_factory=dict)
    on: Day | None = None


class CreateIn(_Body):
    """A new object."""

    name: str
    region: str
    department: str | None = None
    code: str = ""
    geometry: Any = None
    note: str = Field("", max_length=300)


class EditIn(_Body):
    """A change of an object; what is not given stays. ``version``: as it was read."""

    version: Version
    name: str | None = None
    region: str | None = None
    department: str | None = None
    geometry: Any = None
    note: str = Field("", max_length=300)


class StepIn(_Body):
    """A step of an object."""

    action: str
    version: Version | None = None
    opinion: str = ""


class InspectIn(BaseModel):
    """A filled check list."""

    model_config = ConfigDict(extra="forbid")
    kind: str
    results: dict[str, Any]
    on: Day | None = None
    note: str = Field("", max_length=500)


Form = TypeVar("Form", bound=BaseModel)


def _constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON number")


_REMEDIES = {
    "missing": "本项必填。",
    "extra_forbidden": "没有这一项，请检查拼写。",
    "string_type": "应为文字，写在引号里。",
    "string_too_long": "最多 {max_length} 个字。",
    "dict_type": "应为键值对。",
    "int_type": "应为整数。",
    "greater_than_equal": "应不小于 {ge}。",
    "less_than_equal": "应不大于 {le}。",
    "value_error": "日期应形如 2026-03-01。",
}


def body(request: HttpRequest, form: type[Form]) -> Form:
    """The JSON body as ``form``; raises BodyRefused, ValuesRefused with every fault by field."""
    if request.content_type != "application/json":
        raise BodyRefused("请求体须为 JSON。", "the body must be application/json", value=shown(request.content_type),
                          where={"项目": "Content-Type"}, remedy_zh="请把 Content-Type 写为 application/json。",
                          status=415)  # fmt: skip
    if len(request.body) > LARGEST_BODY:
        raise BodyRefused("请求体太大。", f"the body is larger than {LARGEST_BODY} bytes", value=len(request.body),
                          remedy_zh="请分次提交，一次不超过 1 MB。", status=413)  # fmt: skip
    try:
        given = json.loads(request.body, parse_float=Decimal, parse_constant=_constant)
        _not_too_deep(given)
        json.dumps(given, ensure_ascii=False, default=str).encode()
    except (
        ValueError,
        RecursionError,
    ) as error:  # UnicodeError is a ValueError: half a character can be stored nowhere
        raise BodyRefused("请求体不是 JSON。", f"the body is not JSON: {error}"[:200],
                          value=request.body[:SHOWN].decode(errors="replace"),
                          remedy_zh="请按 RFC 8259 书写；不用 NaN、Infinity，最多嵌套 40 层。") from error  # fmt: skip
    try:
        return form.model_validate(given)
    except ValidationError as error:
        raise ValuesRefused([_fault(one) for one in error.errors()[:MOST_FAULTS]]) from error


def _fault(one: Any) -> ValueFault:
    remedy = _REMEDIES.get(one["type"], "请对照接口说明改正。").format_map(one.get("ctx") or {})
    field_ = ".".join(str(part) for part in one["loc"])[:SHOWN] or "body"
    value = None if one["type"] == "missing" else shown(one["input"])
    return ValueFault(field_, "不合规定。", one["msg"], value=value, remedy_zh=remedy)


def _not_too_deep(given: Any) -> None:
    """Raise ValueError for what is nested deeper than any body of ours."""
    level, depth = [given], 0
    while level:
        depth += 1
        if depth > DEEPEST_BODY:
            raise ValueError(f"nested deeper than {DEEPEST_BODY}")
        level = [part for one in level if isinstance(one, dict | list)
                 for part in (one.values() if isinstance(one, dict) else one)]  # fmt: skip


def region_of(code: str | None) -> Region:
    """The division of a body."""
    found = (
        Region.objects.filter(pk=codes.normalise(code)).first() if code and code.isascii() and code.isdigit() else None
    )
    if found is None:
        raise ValuesRefused([ValueFault("region", f"没有区划“{code}”。", "no such division", value=code)])
    return found


def department_of(code: str | None) -> Department | None:
    """The department of a body by its code; None for none."""
    if code is None:
        return None
    found = Department.objects.filter(code=code).select_related("region").first()
    if found is None:
        raise ValuesRefused([ValueFault("department", f"没有单位“{code}”。", "no such department", value=code)])
    return found


@dataclass
class Wanted:
    """What a list call asks for; ``filters`` as ``queries.filtered`` takes them."""

    limit: int = DEFAULT_LIMIT
    cursor: str = ""
    order: str = "code"
    as_of: date | None = None
    retired: bool = False
    code: str = ""
    fields: frozenset[str] | None = None
    filters: dict[str, Any] = field(default_factory=dict)


def _bad(name: str, zh: str, en: str, value: Any) -> ValueFault:
    return ValueFault(name, zh, en, value=value, where={"参数": name})


def day(params: QueryDict, name: str) -> date | None:
    """A day of the query; raises ValuesRefused."""
    text = params.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise ValuesRefused([_bad(name, f"“{text}”不是日期。", "not a date (YYYY-MM-DD)", text)]) from error


def whole(params: QueryDict, name: str, default: int, least: int, most: int) -> int:
    """A whole number of the query within bounds; raises ValuesRefused."""
    text = params.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        raise ValuesRefused([_bad(name, f"“{text}”不可用。", f"must be {least} to {most}", text)])
    return int(text)


def only(params: QueryDict, known: Iterable[str]) -> None:
    """Raise ValuesRefused for parameters that this call does not know."""
    known = sorted(known)
    strange = sorted(set(params) - set(known))
    if strange:
        raise ValuesRefused([_bad(one, f"没有参数“{one}”。", f"unknown parameter; known: {', '.join(known)}",
                                  params[one]) for one in strange])  # fmt: skip


def filters_of(register: Register) -> list[str]:
    """The parameters that filter a list by indexed fields: ``f.CODE``, ``f.CODE.from``, ``f.CODE.to``."""
    found = []
    for code, slot in register.slots.items():
        found.append(f"f.{code}")
        if not slot.startswith("t"):
            found += [f"f.{code}.from", f"f.{code}.to"]
    return found


def listed(register: Register, params: QueryDict) -> Wanted:
    """The query of a list; raises ValuesRefused with every fault."""
    only(params, {*_GENERAL, *HEADER_FILTERS, *filters_of(register)})
    wanted = Wanted(
        limit=whole(params, "limit", DEFAULT_LIMIT, 1, LARGEST_LIMIT), cursor=params.get("cursor", ""),
        order=params.get("order", "") or "code", as_of=day(params, "as_of"), code=params.get("code", ""),
        retired=yes(params, "retired"), fields=_fields(register, params.get("fields", "")),
    )  # fmt: skip
    for name in ("state", "year", "region", "department", "name"):
        given = [one for one in params.getlist(name) if one]
        if given:
            wanted.filters[name] = _header(register, name, given)
    if params.get("box"):
        wanted.filters["box"] = _box(params["box"])
    for code in register.slots:
        given = [one for one in params.getlist(f"f.{code}") if one]
        span = {end: params[f"f.{code}.{end}"] for end in ("from", "to") if params.get(f"f.{code}.{end}")}
        if given and span:
            raise ValuesRefused(
                [_bad(f"f.{code}", "值和范围只能给一样。", "give values or a range, not both", given[0])]
            )
        if given or span:
            wanted.filters[code] = span or given
    if wanted.as_of and (set(wanted.filters) & {*register.slots, "box", "name"} or wanted.order != "code"):
        raise ValuesRefused([_bad("as_of", "历史状态只能按区划、单位、状态、年度筛选。",
                                  "as_of goes with region, department, state and year only, in its own order",
                                  str(wanted.as_of))])  # fmt: skip
    return wanted


def yes(params: QueryDict, name: str) -> bool:
    """``true`` or ``false`` of the query (default false); raises ValuesRefused."""
    text = params.get(name, "false")
    if text not in ("true", "false"):
        raise ValuesRefused([_bad(name, "应为 true 或 false。", "must be true or false", text)])
    return text == "true"


def _header(register: Register, name: str, given: list[str]) -> Any:
    if name in ("region", "name"):
        if len(given) > 1 or (name == "region" and not (given[0].isascii() and given[0].isdigit())):
            raise ValuesRefused([_bad(name, "只能给一个值。", "one value (a division code for region)", given[-1])])
        return given[0]
    if name == "year":
        if not all(one.isascii() and one.isdigit() and len(one) == 4 for one in given):
            raise ValuesRefused([_bad(name, "年度应为四位数字。", "a year has four digits", given[0])])
        return [int(one) for one in given]
    if name == "state":
        strange = [one for one in given if one not in register.definition.state_by_code]
        if strange:
            known = ", ".join(register.definition.state_by_code)
            raise ValuesRefused([_bad(name, f"没有状态“{strange[0]}”。", f"unknown state; known: {known}", strange[0])])
        return given
    found = dict(Department.objects.filter(code__in=given).values_list("code", "pk"))
    strange = [one for one in given if one not in found]
    if strange:
        raise ValuesRefused([_bad(name, f"没有单位“{strange[0]}”。", "no such department", strange[0])])
    return [found[one] for one in given]


def _box(text: str) -> list[float]:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise ValueError(text)
    except ValueError as error:
        raise ValuesRefused(
            [_bad("box", "范围应为“西,南,东,北”。", "west,south,east,north in degrees", text)]
        ) from error
    return [west, south, east, north]


def _fields(register: Register, text: str) -> frozenset[str] | None:
    if not text:
        return None
    wanted = frozenset(text.split(","))
    known = {one.code for one in register.definition.fields if one.kind != "file"} | {GEOMETRY}
    strange = sorted(wanted - known)
    if strange:
        raise ValuesRefused([_bad("fields", f"没有字段“{strange[0]}”。", f"unknown; known: {', '.join(sorted(known))}",
                                  strange[0])])  # fmt: skip
    return wanted
