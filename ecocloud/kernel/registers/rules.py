"""What a definition means to the expression language, and whether it holds together."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from ecocloud.base.errors import EcoError
from ecocloud.base.units.quantity import UnitError, parse_unit, same_dimension
from ecocloud.kernel.registers import handlers, slots
from ecocloud.kernel.registers.definition import CHOICES, NUMERIC, RESERVED, FieldSpec, TypeDefinition
from ecocloud.kernel.registers.errors import ExpressionError
from ecocloud.kernel.registers.expressions import (
    BOOL,
    DATE,
    TEXT,
    Expression,
    Kind,
    Scope,
    compile_row,
    list_of,
    number,
    text_of,
)  # fmt: skip

WANTED = {"number": "number", "integer": "number", "money": "number", "year": "number", "date": "date", "bool": "bool",
          "text": "text", "long": "text", "choice": "text"}  # fmt: skip


@dataclass(frozen=True)
class Mistake:
    """A rule that a definition breaks: path of keys and positions inside it, sentences, value, remedies."""

    path: tuple
    message_zh: str
    message_en: str
    value: object
    remedy_zh: str
    remedy_en: str


def kind_of(definition: TypeDefinition, field: FieldSpec) -> Kind:
    """The type of a field in expressions; a file field is the number of its files."""
    if field.kind in NUMERIC:
        return number(field.unit)
    if field.kind in CHOICES:
        known = definition.dictionary.get(field.dictionary)
        text = text_of(known.codes if known else frozenset())
        return list_of(text) if field.kind == "multichoice" else text
    return {"date": DATE, "bool": BOOL, "file": number()}.get(field.kind, TEXT)


@lru_cache(maxsize=512)
def scope_of(definition: TypeDefinition) -> Scope:
    """What expressions of the type may read: its fields, what every object has, and its inspections."""
    fields = {field.code: kind_of(definition, field) for field in definition.fields}
    fields |= {"code": TEXT, "name": TEXT, "region": TEXT, "has_place": BOOL, "year": number(),
               "state": text_of(frozenset(definition.state_by_code))}  # fmt: skip
    if definition.geometry.has_area:
        fields["area"] = number("平方米")
    for one in definition.inspections:
        fields |= {f"inspection.{one.code}.count": number(), f"inspection.{one.code}.last": DATE,
                   f"inspection.{one.code}.passed": BOOL}  # fmt: skip
    names = {field.code: f"{field.zh} {field.en}" for field in definition.fields}
    return Scope(fields, {one.code: one.codes for one in definition.dictionaries}, names)


@lru_cache(maxsize=512)
def scope_of_rows(definition: TypeDefinition) -> Scope:
    """What figures and task conditions may read of an object: what a version keeps, so no files and no inspections."""
    whole = scope_of(definition)
    left = {field.code for field in definition.fields if field.kind == "file"} | {"code", "area"}
    fields = {name: kind for name, kind in whole.fields.items() if name not in left and "." not in name}
    return Scope(fields, whole.dictionaries, whole.names)


@dataclass(frozen=True)
class Compiled:
    """The expressions of a definition, ready to evaluate; ``computed`` in the order in which they depend."""

    computed: tuple[tuple[FieldSpec, Expression], ...]
    visible: dict[str, Expression]
    guards: dict[str, Expression]
    checks: tuple[Expression, ...]


@lru_cache(maxsize=512)
def compiled(definition: TypeDefinition) -> Compiled:
    """The expressions of a definition that holds together."""
    scope = scope_of(definition)
    waiting = {field.code: (field, _computed(field, scope)) for field in definition.fields if field.computed}
    ordered: list[tuple[FieldSpec, Expression]] = []
    while waiting:
        ready = [code for code, (_, made) in waiting.items() if not made.names & waiting.keys()]
        if not ready:
            raise ExpressionError("计算字段互相引用。", "computed fields in a circle", value="、".join(sorted(waiting)),
                                  remedy_zh="请去掉循环。")  # fmt: skip
        ordered += [waiting.pop(code) for code in ready]
    return Compiled(
        tuple(ordered),
        {
            one.code: compile_row(one.visible_when, scope, wanted="bool")
            for one in definition.fields
            if one.visible_when
        },
        {one.action: compile_row(one.guard, scope, wanted="bool") for one in definition.transitions if one.guard},
        tuple(compile_row(one.rule, scope, wanted="bool") for one in definition.checks),
    )


def _computed(field: FieldSpec, scope: Scope) -> Expression:
    made = compile_row(field.computed, scope, wanted=WANTED.get(field.kind, ""), unit=field.unit, decimals=field.digits)
    outside = sorted(name for name in made.names if name in RESERVED or "." in name)
    if outside or "today(" in field.computed.replace(" ", ""):
        raise ExpressionError(
            "计算字段只能引用本表字段，不能用今天、状态和检查结果。", "a computed field reads what changes by itself",
            value="、".join(outside) or "today()", remedy_zh="随时间变化的判断请写在流转条件或指标里。",
        )  # fmt: skip
    return made


def judged(definition: TypeDefinition) -> tuple[list[Mistake], TypeDefinition]:
    """Everything about a definition that does not hold together, beside its examples; and what of it does.

    What only follows from another mistake (a formula that reads a field whose unit is none) is not told.
    """
    found = [*_fields(definition), *_references(definition), *_states(definition), *_handlers(definition)]
    spoilt = {
        definition.fields[one.path[1]].code for one in found if one.path[0] == "fields" and one.path[2] in _SPOILS
    }
    sound = _with(definition, fields=tuple(one for one in definition.fields if one.code not in spoilt))
    broken: set[tuple] = set()
    for path, error, text in _expressions(sound):
        broken.add(path)
        origin = path
        if path[0] == "fields":
            origin = ("fields", definition.fields.index(sound.fields[path[1]]), path[2])
        if str(error.value) not in spoilt:
            found.append(_of(origin, error, text))
    sound = _without(sound, broken) if broken else sound
    try:
        compiled(sound)
    except ExpressionError as error:
        found.append(Mistake(("fields",), error.message_zh, error.message_en, error.value, error.remedy_zh,
                             "Take the circle out."))  # fmt: skip
        sound = _with(sound, fields=tuple(one.model_copy(update={"computed": ""}) for one in sound.fields))
    try:
        slots.assign(sound)
    except slots.TooManySlots as error:
        found.append(Mistake(("fields",), error.message_zh, error.message_en, error.value, error.remedy_zh,
                             "Index fewer fields."))  # fmt: skip
    return found, sound if found else definition


# What is wrong with a field so that nothing can be said of formulas that read it.
_SPOILS = frozenset({"code", "dictionary", "unit"})


def _with(definition: TypeDefinition, **changed: Any) -> TypeDefinition:
    """The definition with other parts, nothing cached of the one before."""
    return type(definition).model_construct(**{**dict(definition), **changed})


def _without(definition: TypeDefinition, broken: Collection[tuple]) -> TypeDefinition:
    """The definition without the expressions at these paths."""
    return _with(
        definition,
        fields=tuple(
            one.model_copy(update={key: "" for key in ("computed", "visible_when") if ("fields", n, key) in broken})
            for n, one in enumerate(definition.fields)
        ),
        transitions=tuple(
            one.model_copy(update={"guard": ""}) if ("transitions", n, "guard") in broken else one
            for n, one in enumerate(definition.transitions)
        ),
        checks=tuple(one for n, one in enumerate(definition.checks) if ("checks", n, "rule") not in broken),
    )


def _doubles(codes: list[str], path: tuple) -> Iterator[Mistake]:
    for position, code in enumerate(codes):
        if code in codes[:position]:
            yield Mistake(
                (*path, position, "code"),
                f"代码“{code}”出现两次。",
                f"code {code!r} twice",
                code,
                "请改名。",
                "Give it another code.",
            )


def _fields(definition: TypeDefinition) -> Iterator[Mistake]:
    for name in ("sections", "dictionaries", "fields", "unique", "states", "inspections"):
        yield from _doubles([one.code for one in getattr(definition, name)], (name,))
    for position, one in enumerate(definition.dictionaries):
        yield from _doubles([entry.code for entry in one.entries], ("dictionaries", position, "entries"))
    sections = {section.code for section in definition.sections}
    for position, field in enumerate(definition.fields):
        for key, *said in _field(definition, field, sections):
            yield Mistake(("fields", position, key), *said)


def _field(definition: TypeDefinition, field: FieldSpec, sections: set[str]) -> Iterator[tuple]:
    if field.code in RESERVED:
        yield ("code", f"“{field.code}”是每个对象都有的项目。", "reserved code", field.code, "请换一个代码。",
               "Choose another code.")  # fmt: skip
    if field.section not in sections and sections:
        known = sorted(sections)
        yield ("section", f"没有分组“{field.section}”。", "unknown section", field.section,
               f"已有的分组：{'、'.join(known)}。", f"Known sections: {', '.join(known)}.")  # fmt: skip
    if (field.kind in CHOICES) != bool(field.dictionary):
        yield ("dictionary", "选项字段须写字典，其他字段不写。", "dictionary and kind differ", field.dictionary,
               "请补上或删去 dictionary。", "Add or take out dictionary.")  # fmt: skip
    elif field.dictionary and field.dictionary not in definition.dictionary:
        known = sorted(definition.dictionary)
        yield ("dictionary", f"没有字典“{field.dictionary}”。", "unknown dictionary", field.dictionary,
               f"已有：{'、'.join(known) or '无'}。", f"Known: {', '.join(known) or 'none'}.")  # fmt: skip
    if (field.kind == "object") != bool(field.target):
        yield ("target", "对象引用须写 target，其他字段不写。", "target and kind differ", field.target,
               "请补上或删去 target。", "Add or take out target.")  # fmt: skip
    yield from _unit(field)
    yield from _worked(field)


def _worked(field: FieldSpec) -> Iterator[tuple]:
    """What the list, the roll-up, bounds and formulas ask of a field."""
    if field.total and not (field.index and field.kind in NUMERIC - {"year"}):
        yield ("total", "只有建了索引的数字字段可以合计。", "total needs an indexed number", field.kind,
               "请加 index: true。", "Add index: true.")  # fmt: skip
    if field.index and field.kind in ("long", "multichoice", "file"):
        yield ("index", f"{field.kind} 字段不能建索引。", "kind cannot be indexed", field.kind, "请去掉 index。",
               "Take index out.")  # fmt: skip
    if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
        yield ("minimum", "下限大于上限。", "minimum above maximum", str(field.minimum), "请对调。", "Exchange them.")
    if (field.minimum is not None or field.maximum is not None) and field.kind not in NUMERIC:
        yield ("minimum", "只有数字字段有上下限。", "bounds on a field that is no number", field.kind,
               "请写在 checks 里。", "Write a rule under checks.")  # fmt: skip
    if field.computed and (field.required or field.kind not in WANTED):
        yield ("computed", "计算字段不能必填，也不能是引用、多选或附件。", "kind cannot be computed", field.kind,
               "请去掉 required，或改用能计算的类型。",
               "Take required out, or use a kind that can be computed.")  # fmt: skip
    if field.deprecated and field.required:
        yield ("required", "停用的字段不能必填。", "deprecated and required", field.code, "请去掉 required。",
               "Take required out.")  # fmt: skip


def _unit(field: FieldSpec) -> Iterator[tuple]:
    if field.unit and field.kind not in ("number", "integer", "money"):
        yield (
            "unit",
            "只有数字有单位。",
            "unit on a field that is no number",
            field.unit,
            "请删去 unit。",
            "Take unit out.",
        )
        return
    try:
        if field.unit:
            parse_unit(field.unit)
        if field.kind == "money" and not (field.unit and same_dimension(field.unit, "元")):
            yield (
                "unit",
                "金额须写货币单位。",
                "money needs a unit of money",
                field.unit,
                "例如 万元。",
                "For example 万元.",
            )
    except UnitError as error:
        yield "unit", error.message_zh, error.message_en, field.unit, error.remedy_zh, "Write a unit that is known."


def _references(definition: TypeDefinition) -> Iterator[Mistake]:
    known = definition.by_code
    named = [(("columns", position), code) for position, code in enumerate(definition.columns)]
    named += [
        (("unique", position, "fields", place), code)
        for position, key in enumerate(definition.unique)
        for place, code in enumerate(key.fields)
        if code != "name"
    ]
    named += [(("checks", place, "field"), one.field) for place, one in enumerate(definition.checks) if one.field]
    head = {"code", "name", "region", "department", "state", "year"}
    for path, code in named:
        if code not in known and not (path[0] == "columns" and code in head):
            yield Mistake(
                path,
                f"没有字段“{code}”。",
                f"unknown field {code!r}",
                code,
                "请写已有字段的代码。",
                "Write the code of a field.",
            )
    if definition.year and (definition.year not in known or known[definition.year].kind not in ("date", "year")):
        yield Mistake(("year",), "年度须取自日期或年份字段。", "year is no date or year field", definition.year,
                      "请写一个日期或年份字段的代码。", "Write the code of a date or year field.")  # fmt: skip
    expiry = definition.expiry
    if expiry:
        field = known.get(expiry.field)
        if field is None or field.kind != "date" or not field.index:
            yield Mistake(("expiry", "field"), "到期日须是建了索引的日期字段。", "expiry needs an indexed date field",
                          expiry.field, "请写日期字段并加 index: true。",
                          "Name a date field and give it index: true.")  # fmt: skip


def _states(definition: TypeDefinition) -> Iterator[Mistake]:
    known = set(definition.state_by_code)
    if any(state.code == "retired" for state in definition.states):
        yield Mistake(
            ("states",), "注销（retired）是自带的状态。", "retired is built in", "retired", "请删去。", "Take it out."
        )
    actions = [step.action for step in definition.transitions]
    for place, step in enumerate(definition.transitions):
        if step.action in actions[:place]:
            yield Mistake(("transitions", place, "action"), f"动作“{step.action}”出现两次。", "action twice",
                          step.action, "请改名；几个来源状态可写在一个 from 里。",
                          "Rename it; several states may stand in one from.")  # fmt: skip
        for state in (*step.sources, step.to):
            if state not in known - {"retired"}:
                yield Mistake(("transitions", place), f"没有状态“{state}”。", f"unknown state {state!r}", state,
                              f"已有的状态：{'、'.join(one.code for one in definition.states)}。",
                              f"Known states: {', '.join(one.code for one in definition.states)}.")  # fmt: skip
        if bool(step.guard) != bool(step.refusal_zh and step.refusal_en):
            yield Mistake(("transitions", place, "guard"), "条件和拒绝时的中英文说明要一起写。",
                          "guard without refusal sentences", step.guard,
                          "请补上 refusal_zh 和 refusal_en。", "Add refusal_zh and refusal_en.")  # fmt: skip
    reached = {definition.first_state}
    for _ in definition.states:
        reached |= {step.to for step in definition.transitions if reached & set(step.sources)}
    for place, state in enumerate(definition.states):
        if state.code not in reached:
            yield Mistake(("states", place), f"状态“{state.zh}”到不了。", f"state {state.code!r} is out of reach",
                          state.code, "请补上到它的流转，或删去它。", "Add a step to it, or take it out.")  # fmt: skip


def _handlers(definition: TypeDefinition) -> Iterator[Mistake]:
    known = handlers.known()
    named = [(("on_change", place), name) for place, name in enumerate(definition.on_change)]
    for i, step in enumerate(definition.transitions):
        named += [(("transitions", i, "on_transition", place), name) for place, name in enumerate(step.on_transition)]
    for path, name in named:
        if name not in known:
            yield Mistake(path, f"没有处理程序“{name}”。", f"unknown handler {name!r}", name,
                          f"可用的处理程序：{'、'.join(known) or '无'}。",
                          f"Known handlers: {', '.join(known) or 'none'}.")  # fmt: skip


def _expressions(definition: TypeDefinition) -> Iterator[tuple[tuple, ExpressionError, str]]:
    """The expressions that cannot be compiled: path, error, text."""
    scope = scope_of(definition)
    texts = [(("fields", i, "visible_when"), one.visible_when) for i, one in enumerate(definition.fields)]
    texts += [(("transitions", i, "guard"), one.guard) for i, one in enumerate(definition.transitions)]
    texts += [(("checks", i, "rule"), one.rule) for i, one in enumerate(definition.checks)]
    for path, text in texts:
        try:
            if text:
                compile_row(text, scope, wanted="bool")
        except ExpressionError as error:
            yield path, error, text
    for position, field in enumerate(definition.fields):
        try:
            if field.computed:
                _computed(field, scope)
        except ExpressionError as error:
            yield ("fields", position, "computed"), error, field.computed


def _of(path: tuple, error: ExpressionError, text: str) -> Mistake:
    zh, en = told(error)
    return Mistake(path, zh, en, text, error.remedy_zh, "Change the expression.")


def told(error: EcoError) -> tuple[str, str]:
    """What is wrong with an expression and at which of its characters, in both languages."""
    at = error.where.get("位置")
    zh, en = error.message_zh.rstrip("。"), error.message_en
    return (f"{zh}（第 {at} 个字符）。", f"{en} (character {at}).") if at else (f"{zh}。", f"{en}.")


def year_of(definition: TypeDefinition, values: dict) -> int | None:
    """The year an object counts for, from its year field."""
    found = values.get(definition.year) if definition.year else None
    return found.year if isinstance(found, date) else (None if found is None else int(found))
