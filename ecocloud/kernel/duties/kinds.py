"""Kinds of work item: the checked schema and loader of ``data/kinds/*.yaml``, and the proof that a table is sound."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ecocloud.kernel.duties.errors import KindError
from ecocloud.kernel.duties.guards import EFFECTS, GUARDS
from ecocloud.kernel.duties.parts import (
    ACTOR_ROLES,
    NEXT_LEVEL,
    SAME,
    Category,
    Channel,
    Clock,
    FormField,
    Kind,
    State,
    Transition,
)

FOLDER = Path(__file__).parent / "data" / "kinds"
# Folders of the installation with kinds of its own; a kind of the same code replaces that of the package.
_more: list[Path] = []


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class ClockData(_Strict):
    """``by``: deadline, workdays, decide (deadline policy), notice, until (end of a suspension) or stopped. Those of
    deadline and decide have ``workdays``, too, for items without a deadline or a policy: no clock stands still."""

    by: Literal["deadline", "workdays", "decide", "notice", "until", "stopped"]
    workdays: int = Field(0, ge=0)


class StateData(_Strict):
    """One state as written in a table."""

    label_zh: str
    label_en: str
    owner: Literal["lead", "office", "level"]
    clock: ClockData
    terminal: bool = False
    closed: bool = False
    level: Literal["", "township", "county", "city", "province"] = ""
    void: bool = False
    side: bool = False


class TransitionData(_Strict):
    """One row as written in a table."""

    action: str = Field(pattern=r"^[a-z_]{2,24}$")
    label_zh: str
    label_en: str
    sources: list[str] = Field(alias="from", min_length=1)
    target: str = Field(alias="to")
    by: list[str] = Field(min_length=1)
    guards: list[str] = []
    effects: list[str] = []
    opinion: bool = False
    evidence: bool = False
    verifies: bool = False
    consequence_zh: str = ""


class FieldData(_Strict):
    """One field of a kind's form."""

    code: str = Field(pattern=r"^[a-z_]{2,24}$")
    label_zh: str
    label_en: str
    kind: Literal["text", "long", "date", "choice"] = "text"
    names: list[str] = []
    entries: dict[str, tuple[str, str]] = {}
    required: bool = False


class ChannelData(_Strict):
    """One way by which items come."""

    code: str = Field(pattern=r"^[a-z0-9_]{2,24}$")
    label_zh: str
    label_en: str
    levels: list[Literal["township", "county", "city", "province"]] = []
    names: list[str] = []


class CategoryData(_Strict):
    """What items are about."""

    code: str = Field(pattern=r"^[a-z_]{2,24}$")
    label_zh: str
    label_en: str
    function: str = ""
    names: list[str] = []
    urgent: Literal["", "emergency", "safety"] = ""
    needs_photo: bool = False
    legal_basis: str = ""

    @model_validator(mode="after")
    def _only_with_basis(self) -> CategoryData:
        if self.needs_photo and not (self.urgent and self.legal_basis.strip()):
            raise ValueError("a photo is needed only of emergencies and safety, with the legal basis")
        return self


class KindData(_Strict):
    """A kind as written; with ``extends`` it starts from another kind, drops actions and replaces rows. ``order`` puts
    the states into the order people see; fields, channels and categories are taken over whole where none are given."""

    code: str = Field(pattern=r"^[a-z_]{2,20}$")
    label_zh: str
    label_en: str
    citation: str
    code_rule: str = ""
    extends: str = ""
    without_actions: list[str] = []
    without_states: list[str] = []
    start: str = ""
    roles: dict[str, tuple[str, str]] = {}
    states: dict[str, StateData] = {}
    transitions: list[TransitionData] = []
    order: list[str] = []
    after_levels: str = ""
    notice_days: int = Field(0, ge=0)
    fields: list[FieldData] = []
    channels: list[ChannelData] = []
    categories: list[CategoryData] = []


def _merged(child: KindData, parent: KindData) -> KindData:
    dropped = set(child.without_states)
    own = {(row.action, source) for row in child.transitions for source in row.sources}
    rows = []
    for row in parent.transitions:
        if row.action in child.without_actions or row.target in dropped:
            continue
        sources = [s for s in row.sources if s not in dropped and (row.action, s) not in own]
        if sources:
            rows.append(row.model_copy(update={"sources": sources}))
    states = {code: state for code, state in parent.states.items() if code not in dropped} | child.states
    return child.model_copy(
        update={
            "start": child.start or parent.start,
            "roles": parent.roles | child.roles,
            "states": states,
            "transitions": rows + child.transitions,
            "code_rule": child.code_rule or parent.code_rule,
            "extends": parent.extends,
            "without_actions": [*child.without_actions, *parent.without_actions],
            "without_states": [*child.without_states, *parent.without_states],
            "order": child.order or parent.order,
            "after_levels": child.after_levels or parent.after_levels,
            "notice_days": child.notice_days or parent.notice_days,
            "fields": child.fields or parent.fields,
            "channels": child.channels or parent.channels,
            "categories": child.categories or parent.categories,
        }
    )


def _built(data: KindData) -> Kind:
    states = {
        code: State(
            code, s.label_zh, s.label_en, s.owner, Clock(s.clock.by, s.clock.workdays), s.terminal, s.closed, s.level,
            s.void, s.side,
        )
        for code, s in data.states.items()
    }  # fmt: skip
    ordered = [code for code in data.order if code in states]
    states = {code: states[code] for code in [*ordered, *(code for code in states if code not in ordered)]}
    rows = tuple(
        Transition(
            r.action,
            r.label_zh,
            r.label_en,
            tuple(r.sources),
            r.target,
            tuple(r.by),
            tuple(r.guards),
            tuple(r.effects),
            r.opinion,
            r.evidence,
            r.verifies,
            r.consequence_zh,
        )
        for r in data.transitions
    )
    return Kind(
        data.code, data.label_zh, data.label_en, data.start, states, rows, data.roles, data.code_rule,
        data.after_levels, data.notice_days,
        tuple(
            FormField(f.code, f.label_zh, f.label_en, f.kind, tuple(f.names), f.entries, f.required)
            for f in data.fields
        ),
        tuple(Channel(c.code, c.label_zh, c.label_en, tuple(c.levels), tuple(c.names)) for c in data.channels),
        tuple(
            Category(c.code, c.label_zh, c.label_en, c.function, tuple(c.names), c.urgent, c.needs_photo, c.legal_basis)
            for c in data.categories
        ),
    )  # fmt: skip


def build(texts: dict[str, Any]) -> dict[str, Kind]:
    """Kinds from parsed tables by code; raises :class:`KindError` that names every fault."""
    read: dict[str, KindData] = {}
    for name, raw in texts.items():
        try:
            data = KindData.model_validate(raw)
        except ValidationError as error:
            raise KindError(f"事项类型 {name} 的流转表格式有误：{error}", where={"file": name}) from error
        read[data.code] = data
    kinds = {}
    for code, found in read.items():
        data = found
        while data.extends:
            if data.extends not in read:
                raise KindError(f"事项类型 {code} 沿用的 {data.extends} 不存在。", where={"kind": code})
            data = _merged(data, read[data.extends])
        kind = _built(data)
        wrong = faults(kind)
        if wrong:
            raise KindError(f"事项类型 {code} 的流转表不完整：{'；'.join(wrong)}。", where={"kind": code})
        kinds[code] = kind
    return kinds


@cache
def all_kinds() -> dict[str, Kind]:
    """Every kind of this installation, by code."""
    paths = [path for folder in (FOLDER, *_more) for path in sorted(folder.glob("*.yaml"))]
    return build({str(path): yaml.safe_load(path.read_text("utf-8")) for path in paths})


def add_folder(folder: Path) -> None:
    """Read the kinds in ``folder`` as well; a folder that does not exist adds nothing."""
    if folder not in _more:
        _more.append(folder)
        all_kinds.cache_clear()


def kind_of(code: str) -> Kind:
    """One kind; raises :class:`KindError` for an unknown code."""
    try:
        return all_kinds()[code]
    except KeyError:
        known = "、".join(f"{k}（{v.label_zh}）" for k, v in all_kinds().items())
        raise KindError(
            f"没有“{code}”这种事项。", f"unknown kind {code}", value=code, remedy_zh=f"可用：{known}。"
        ) from None


def _row_faults(kind: Kind) -> list[str]:
    wrong = []
    seen: set[tuple[str, str]] = set()
    for row in kind.transitions:
        for source in row.sources:
            if (row.action, source) in seen:
                wrong.append(f"动作 {row.action} 在 {source} 有两行")
            seen.add((row.action, source))
        wrong += [
            f"{row.action} 的状态 {s} 不存在"
            for s in (*row.sources, row.target)
            if s not in {*kind.states, SAME, NEXT_LEVEL}
        ]
        wrong += [f"{row.action} 的守卫 {g} 不存在" for g in row.guards if g not in GUARDS]
        wrong += [f"{row.action} 的效果 {e} 不存在" for e in row.effects if e not in EFFECTS]
        wrong += [f"{row.action} 的角色 {r} 不存在" for r in row.by if r not in ACTOR_ROLES or r not in kind.roles]
        if row.verifies and "not_handler" not in row.guards:
            wrong.append(f"{row.action} 是审核，却未要求审核人不同于办理人")
        if row.verifies and {"lead", "cooperating"}.intersection(row.by):
            wrong.append(f"{row.action} 是审核，却由办理单位进行")
    if not any(row.verifies for row in kind.transitions):
        wrong.append("没有审核动作")
    return wrong


def targets(kind: Kind, row: Transition, source: str) -> set[str]:
    """The states ``row`` may lead to from ``source``, other than staying."""
    if row.target == SAME:
        return set()
    if row.target != NEXT_LEVEL:
        return {row.target}
    order = list(kind.levels)
    passed = order.index(source) + 1 if source in order else 0
    return {*order[passed:], kind.after_levels}


def _ending_faults(kind: Kind) -> list[str]:
    """Nobody ends an item with a result but by a verification; suspensions and levels are complete."""
    wrong = []
    for row in kind.transitions:
        reached = {code for source in row.sources for code in targets(kind, row, source)}
        for code in sorted(reached):
            state = kind.states[code]
            if state.closed and not state.void and not row.verifies:
                wrong.append(f"{row.action} 以结果结束事项，却不是审核")
            if state.clock.by == "until" and "suspend" not in row.effects:
                wrong.append(f"{row.action} 进入 {code} 却没有截止日")
            if state.clock.by == "notice" and "open_notice" not in row.effects:
                wrong.append(f"{row.action} 进入 {code} 却没有公示期")
    for code, state in kind.states.items():
        if (state.owner == "level") != bool(state.level):
            wrong.append(f"状态 {code} 的层级与承办方不一致")
        if state.level and not any(r.target == NEXT_LEVEL and r.verifies for r in kind.rows(code)):
            wrong.append(f"层级 {code} 没有验收动作")
        if state.void and not state.terminal:
            wrong.append(f"状态 {code} 无结果结束，却不是终点")
    known = set(kind.levels.values())
    wrong += [
        f"来源 {row.code} 的层级 {level} 没有状态"
        for row in kind.channels
        for level in row.levels
        if level not in known
    ]
    return wrong


def _closure(start: str, edges: dict[str, set[str]]) -> set[str]:
    seen, todo = {start}, [start]
    while todo:
        for following in edges.get(todo.pop(), ()):
            if following not in seen:
                seen.add(following)
                todo.append(following)
    return seen


_OWNER_ROLES = {"lead": {"lead"}, "office": {"office", "approver"}, "level": {"checker"}}


def faults(kind: Kind) -> list[str]:
    """What is unsound in a table; empty when every state is reachable, no state is a dead end, terminal states can be
    reopened, every state has an owner who can act and a clock, every verification excludes the handler, and whatever
    ends an item with a result is a verification."""
    wrong = _row_faults(kind)
    if wrong:
        return wrong
    if kind.start not in kind.states:
        return [f"起始状态 {kind.start} 不存在"]
    if any(row.target == NEXT_LEVEL for row in kind.transitions) and kind.after_levels not in kind.states:
        return [f"层级验收之后的状态 {kind.after_levels} 不存在"]
    wrong += _ending_faults(kind)
    edges: dict[str, set[str]] = {code: set() for code in kind.states}
    for row in kind.transitions:
        for source in row.sources:
            edges[source] |= targets(kind, row, source)
    reached = _closure(kind.start, edges)
    ends = {code for code, state in kind.states.items() if state.terminal}
    if not ends:
        wrong.append("没有终点状态")
    for code, state in kind.states.items():
        if code not in reached:
            wrong.append(f"状态 {code} 到不了")
        if not edges[code]:
            wrong.append(f"状态 {code} 没有出路" if not state.terminal else f"终点 {code} 不能重新打开")
        if not state.terminal and not ends & _closure(code, edges):
            wrong.append(f"状态 {code} 到不了任何终点")
        if (state.clock.by == "stopped") != state.terminal:
            wrong.append(f"状态 {code} 的时钟与是否终点不一致")
        if state.clock.by in ("workdays", "deadline", "decide") and state.clock.workdays < 1:
            wrong.append(f"状态 {code} 的时钟没有天数")
        movers = {role for row in kind.rows(code) if row.target not in (SAME, code) for role in row.by}
        owner_roles = _OWNER_ROLES[state.owner]
        if not movers & owner_roles:
            wrong.append(f"状态 {code} 的承办方无事可做")
    return wrong
