"""Values of one object: from what was given to what is stored, with every fault named by field. Pure.

Stored form (the body): only fields that have a value; numbers as plain decimal text, dates as ISO text, lists as lists.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ecocloud.base import typed as typed_text
from ecocloud.base.typed import BadInput
from ecocloud.kernel.journal.refs import Ref, RefError
from ecocloud.kernel.registers import rules
from ecocloud.kernel.registers.definition import CHOICES, NUMERIC, REFERENCES, FieldSpec, TypeDefinition
from ecocloud.kernel.registers.errors import ValueFault

LARGEST = Decimal(10) ** 12
REF_KINDS = {"object": "obj", "document": "doc", "item": "item"}
MOST_DECIMALS = 6
SHOWN = 80
_TEXTS = frozenset({str})
# What values of programs may be beside text, by kind of field. To Python a truth value is a whole number, not to us.
_TAKEN = {
    **dict.fromkeys(NUMERIC, frozenset({str, int, float, Decimal})),
    "date": frozenset({str, date, datetime}),
    "bool": frozenset({str, bool}),
}
_KIND_WORDS = {**dict.fromkeys(NUMERIC, "数字"), "date": "日期", "bool": "是或否", "multichoice": "选项的列表",
               "choice": "选项"}  # fmt: skip
_YES, _NO = frozenset({"true", "是", "1", "有"}), frozenset({"false", "否", "0", "无"})


def clean(
    definition: TypeDefinition, given: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], list[ValueFault]]:
    """Given values as typed values by field, and every fault.

    given: by field code; a field that is not named keeps its value of ``before`` (typed values); None and '' clear it.
    """
    values, faults = dict(before or {}), []
    for code, raw in given.items():
        field = definition.by_code.get(code)
        if field is None or field.kind == "file" or field.computed:
            faults.append(_untakable(code, field, raw))
            continue
        if raw is None:
            values.pop(code, None)
            continue
        try:
            value = typed(definition, field, raw, (before or {}).get(code))
        except ValueFault as fault:
            faults.append(fault)
            continue
        if value is None:
            values.pop(code, None)
        else:
            values[code] = value
    return values, faults


def _untakable(code: str, field: FieldSpec | None, raw: Any) -> ValueFault:
    if field is None:
        return ValueFault(code[:SHOWN], f"没有字段“{shown(code)}”。", "unknown field", value=shown(raw),
                          remedy_zh="请检查字段代码。")  # fmt: skip
    if field.kind == "file":
        return ValueFault(code, "附件须上传。", "files are attached, not written", where={"字段": field.zh},
                          value=shown(raw), remedy_zh="请用附件的地址上传。")  # fmt: skip
    return ValueFault(code, "该字段由系统计算。", "the field is computed", where={"字段": field.zh}, value=shown(raw),
                      remedy_zh="请不要填写。")  # fmt: skip


def completed(definition: TypeDefinition, values: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The values with computed fields computed anew."""
    found = {code: value for code, value in values.items() if not definition.by_code[code].computed}
    for field, expression in rules.compiled(definition).computed:
        value = expression(found, today)
        if value is not None and not (isinstance(value, Decimal) and abs(value) > LARGEST):
            found[field.code] = value
    return found


def visible(definition: TypeDefinition, environment: Mapping[str, Any], today: date) -> set[str]:
    """The codes of the fields that are shown: those whose condition is true, and those without one."""
    conditions = rules.compiled(definition).visible
    return {
        field.code
        for field in definition.fields
        if not field.deprecated and (field.code not in conditions or conditions[field.code](environment, today) is True)
    }


def judge(definition: TypeDefinition, environment: Mapping[str, Any], today: date) -> list[ValueFault]:
    """What is wrong with an object as a whole: required fields that are shown but empty, and rules that are false."""
    conditions = rules.compiled(definition).visible
    faults = [
        ValueFault(field.code, "没有填写。", "required", where={"字段": field.zh}, remedy_zh="本项必填。")
        for field in definition.required
        if environment.get(field.code) is None
        and (field.code not in conditions or conditions[field.code](environment, today) is True)
    ]
    for check, rule in zip(definition.checks, rules.compiled(definition).checks, strict=True):
        if rule(environment, today) is False:
            field = definition.by_code.get(check.field)
            where = {"字段": field.zh} if field else {}
            shown_value = environment.get(check.field)
            faults.append(ValueFault(check.field, check.refusal_zh, check.refusal_en, where=where, value=shown_value))
    return faults


def typed(definition: TypeDefinition, field: FieldSpec, raw: Any, before: Any = None) -> Any:
    """One given value as a typed one (None when empty); raises :class:`ValueFault`.

    A text may stand for every kind, as people type it; what is no text must be of the field's own kind, so that a list,
    an object or a truth value of a program never becomes words.
    """
    several = field.kind == "multichoice" and isinstance(raw, list | tuple)
    if raw is None or (isinstance(raw, str) and not raw.strip()) or (several and not raw):
        return None
    if not several and (type(raw) not in _TAKEN.get(field.kind, _TEXTS)):
        known = _KIND_WORDS.get(field.kind, "文字")
        raise _fault(
            field, f"“{shown(raw)}”不是{known}。", f"a {type(raw).__name__} is no {field.kind}", raw, f"请填写{known}。"
        )
    if field.kind in NUMERIC:
        return _number(field, raw)
    if field.kind in CHOICES:
        return _choice(definition, field, raw, before)
    if field.kind == "date":
        return _date(field, raw)
    if field.kind == "bool":
        return _bool(field, raw)
    if field.kind in REFERENCES:
        return _reference(field, raw)
    return _text(field, raw)


def shown(raw: Any) -> str:
    """A given value as an error names it: of a long one the beginning."""
    text = str(raw[: SHOWN + 1] if isinstance(raw, str) else raw)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _fault(field: FieldSpec, zh: str, en: str, raw: Any, remedy: str) -> ValueFault:
    return ValueFault(field.code, zh, en, where={"字段": field.zh}, value=shown(raw), remedy_zh=remedy)


def _number(field: FieldSpec, raw: Any) -> Decimal:
    unit = f"（单位 {field.unit}）" if field.unit else ""
    if isinstance(raw, Decimal):
        value = raw
    else:
        try:
            value = typed_text.number(repr(raw) if isinstance(raw, bool | float) else str(raw))
        except BadInput as bad:
            raise _fault(field, bad.message_zh, bad.message_en, raw, f"{bad.remedy_zh}{unit}") from None
    if not value.is_finite():
        raise _fault(field, f"“{shown(raw)}”不是数字。", "not a number", raw, f"请填写数字{unit}。")
    if abs(value) > LARGEST:
        raise _fault(field, f"“{shown(raw)}”太大。", "number too large", raw, "绝对值应不超过一万亿；请核对单位。")
    if value != value.quantize(Decimal(1).scaleb(-field.digits)):
        raise _fault(field, f"“{shown(raw)}”的小数位太多。", "too many decimals", raw, f"最多 {field.digits} 位小数。")
    low, high = field.minimum, field.maximum
    if field.kind == "year":
        low, high = low if low is not None else Decimal(1900), high if high is not None else Decimal(2100)
    if low is not None and value < low:
        raise _fault(field, f"“{shown(raw)}”小于下限 {low}。", f"below {low}", raw, f"应不小于 {low}{field.unit}。")
    if high is not None and value > high:
        raise _fault(field, f"“{shown(raw)}”大于上限 {high}。", f"above {high}", raw, f"应不大于 {high}{field.unit}。")
    return plain(value)


def plain(value: Decimal) -> Decimal:
    """A number without exponent and trailing zeros."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def _choice(definition: TypeDefinition, field: FieldSpec, raw: Any, before: Any) -> Any:
    entries = definition.entries_of(field)
    names = definition.dictionary[field.dictionary].by_name
    several = field.kind == "multichoice"
    words = re.split(r"[、，,；;]", raw) if several and isinstance(raw, str) else raw if several else [raw]
    old = set(before if isinstance(before, tuple) else [before])
    found = []
    for word in words:
        code = (word if word in entries else names.get(word.strip())) if isinstance(word, str) else None
        if code is None:
            known = "、".join(f"{one.code} {one.zh}" for one in list(entries.values())[:8] if not one.deprecated)
            raise _fault(field, f"字典里没有“{shown(word)}”。", "not in the dictionary", word, f"可选：{known}。")
        if entries[code].deprecated and code not in old:
            raise _fault(field, f"选项“{entries[code].zh}”已停用。", "deprecated entry", word, "请另选一项。")
        if code not in found:
            found.append(code)
    return tuple(found) if several else found[0]


def _date(field: FieldSpec, raw: Any) -> date:
    try:
        return typed_text.day(raw)
    except BadInput as bad:
        raise _fault(field, bad.message_zh, bad.message_en, raw, bad.remedy_zh) from None


def _bool(field: FieldSpec, raw: Any) -> bool:
    word = str(raw).strip().lower()
    if word in _YES or word in _NO:
        return word in _YES
    raise _fault(field, f"“{shown(raw)}”不是“是”或“否”。", "neither yes nor no", raw, "请填写 是 或 否。")


def _reference(field: FieldSpec, raw: Any) -> str:
    text = str(raw).strip()
    if field.kind in ("region", "department"):
        if not re.fullmatch(r"[\w.-]{1,40}", text):
            raise _fault(field, f"“{shown(raw)}”不是代码。", "not a code", raw, "请选择区划或单位。")
        return text
    wanted = REF_KINDS[field.kind]
    try:
        kind = Ref.parse(text).kind
    except RefError:
        kind = ""
    if kind != wanted:
        raise _fault(
            field, f"“{shown(raw)}”不是引用。", f"not a reference of kind {wanted}", raw, f"应形如 {wanted}:12。"
        )
    return text


def _text(field: FieldSpec, raw: Any) -> str:
    try:
        text = typed_text.words(str(raw), lines=field.kind == "long")
    except BadInput as bad:
        raise _fault(field, bad.message_zh, bad.message_en, bad.value, bad.remedy_zh) from None
    if len(text) > field.longest:
        raise _fault(field, f"文字有 {len(text)} 个字。", "text too long", text[:20], f"最多 {field.longest} 个字。")
    return text


def encode(values: Mapping[str, Any]) -> dict[str, Any]:
    """Typed values as the JSON body."""
    return {code: _encoded(value) for code, value in sorted(values.items()) if value is not None}


def _encoded(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(plain(value), "f")
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def decode(definition: TypeDefinition, body: Mapping[str, Any]) -> dict[str, Any]:
    """The typed values of a body written under this definition."""
    return {code: _decoded(definition.by_code[code], value) for code, value in body.items()}


def _decoded(field: FieldSpec, value: Any) -> Any:
    if field.kind in NUMERIC:
        return Decimal(value)
    if field.kind == "date":
        return date.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value
