"""Offices of chiefs, their terms and helpers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from ecocloud.base import search, typed
from ecocloud.base.errors import Conflict
from ecocloud.domains.chiefs import queries
from ecocloud.domains.chiefs.errors import ChiefRefused
from ecocloud.domains.chiefs.facts import next_of, words
from ecocloud.domains.chiefs.models import Helper, Office, Term
from ecocloud.domains.chiefs.queries import EDIT
from ecocloud.kernel.evidence.guards import within_reach
from ecocloud.kernel.journal.services import Change, change
from ecocloud.kernel.regions import terms
from ecocloud.kernel.regions.models import Department, Region, User
from ecocloud.kernel.registers.models import RegisterObject

TEXTS = {"post": 80, "duty": 2000, "phone": 40, "sign": 40}
_FIELDS = ("kind", "nature", "level", "region_id", "object_id", "department_id", "contact_id", "post", "phone", "sign",
           "opened_on", "closed_on")  # fmt: skip


def plain(office: Office) -> dict[str, Any]:
    """The fields of an office as the journal records them."""
    return {name: getattr(office, name) for name in _FIELDS}


def locked(user: Any, pk: int, permission: str = EDIT) -> Office:
    """The office, locked, when the person may change it; raises NoSuchChief, Forbidden."""
    queries.office_for(user, pk)
    row = Office.objects.select_for_update().get(pk=pk)
    within_reach(user, permission, row.region, row.department)
    return row


def _texts(given: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name, text in given.items():
        value = typed.words(text)
        if len(value) > TEXTS[name]:
            raise ChiefRefused("文字太长。", f"{name} too long", where={"字段": name}, value=value[:40],
                               remedy_zh=f"最多 {TEXTS[name]} 个字。")  # fmt: skip
        found[name] = value
    if "post" in found and not found["post"]:
        raise ChiefRefused(
            "没有填写岗位。", "no post", where={"字段": "岗位"}, remedy_zh="写职务，如 县政府分管副县长。"
        )
    return found


def _checked(kind: str, nature: str, level: str, row: RegisterObject | None) -> None:
    facts = words()
    for rows, code, name in (
        (facts.kinds, kind, "类别"),
        (facts.natures, nature, "性质"),
        (facts.levels, level, "层级"),
    ):
        try:
            next_of(rows, code)
        except KeyError:
            raise ChiefRefused(f"没有这种{name}。", f"unknown {code!r}", where={"字段": name}, value=code) from None
    fact = facts.kind(kind)
    if fact.of == "object" and (row is None or row.type.code not in fact.registers):
        raise ChiefRefused(f"{fact.zh}应对应名录中的一个对象。", f"{kind} needs an object of {fact.registers}",
                           where={"字段": "对象"}, remedy_zh="请选择河段、湖泊或林地。")  # fmt: skip
    if fact.of == "region" and row is not None:
        raise ChiefRefused(
            f"{fact.zh}负责整个区划，不对应单个对象。", f"{kind} is of a division", where={"字段": "对象"}
        )


def open_office(
    user: User, *, kind: str, level: str, department: Department, region: Region | None = None,
    nature: str = "administrative", about: RegisterObject | None = None, contact: Department | None = None,
    opened_on: date | None = None, **texts: str,
) -> Office:  # fmt: skip
    """A new office of a chief; ``texts``: post (needed), duty, phone, sign. Raises ChiefRefused, Conflict (number of
    the sign in use), Forbidden outside the reach."""
    _checked(kind, nature, level, about)
    region = region or (about.region if about else department.region)
    within_reach(user, EDIT, region, department)
    found = _texts({"post": "", **texts})
    with change(user.actor()) as tx:
        row = Office(kind=kind, nature=nature, level=level, region=region, object=about, department=department,
                     contact=contact, opened_on=opened_on or timezone.localdate(), **found)  # fmt: skip
        _save(row)
        tx.log("chiefs.office.open", row.ref, None, plain(row))
        search.index_later(row.ref, created_by=user.actor().id)
    return row


def _save(row: Office) -> None:
    if row.sign and Office.objects.filter(sign=row.sign).exclude(pk=row.pk).exists():
        raise Conflict(f"公示牌编号 {row.sign} 已被使用。", f"sign {row.sign} in use", where={"字段": "公示牌编号"},
                       value=row.sign, remedy_zh="请换一个编号。")  # fmt: skip
    try:
        row.save()
    except IntegrityError as fault:
        raise Conflict("公示牌编号刚被他人使用。", f"sign taken: {fault}", value=row.sign) from fault


def edit_office(
    user: User, pk: int, *, version: int | None = None, contact: Department | None = None, **texts: str
) -> Office:  # fmt: skip
    """Correct post, duty, public phone, sign number and contact unit."""
    found = _texts(texts)
    with change(user.actor()) as tx:
        row = locked(user, pk)
        if version is not None and version != row.version:
            raise Conflict("该岗位刚被他人修改。", f"office {pk} is at version {row.version}", value=version)
        before = plain(row) | {"duty": row.duty}
        for name, value in found.items():
            setattr(row, name, value)
        row.contact, row.version = contact, row.version + 1
        _save(row)
        tx.log("chiefs.office.edit", row.ref, before, plain(row) | {"duty": row.duty})
        search.index_later(row.ref, created_by=user.actor().id)
    return row


def close_office(user: User, pk: int, *, on: date | None = None, reason: str) -> Office:
    """The office is no more from the day ``on``; its term ends the day before."""
    day, reason = on or timezone.localdate(), typed.words(reason)
    if not reason:
        raise ChiefRefused("没有写明撤销的依据。", "no reason", remedy_zh="请写明依据。")
    with change(user.actor()) as tx:
        row = locked(user, pk)
        if row.closed_on is not None or day < row.opened_on:
            raise ChiefRefused(
                "该岗位已撤销，或撤销日期早于设立日期。", f"office {pk} cannot close on {day}", value=day
            )
        for term in row.terms.filter(valid_to__isnull=True):
            term.valid_to, term.end_reason = max(day - terms.DAY, term.valid_from), reason[:200]
            term.save(update_fields=["valid_to", "end_reason"])
        row.closed_on, row.version = day, row.version + 1
        row.save(update_fields=["closed_on", "version"])
        tx.log("chiefs.office.close", row.ref, None, {"on": day}, reason)
    return row


# --- terms ------------------------------------------------------------------------------------------------------------


def appoint(
    user: User, pk: int, *, name: str, on: date, person: User | None = None, until: date | None = None, basis: str = ""
) -> Term:
    """Somebody holds the office from the day ``on``; whoever held it until then ends the day before: no gap, no
    overlap. A gap behind an ended term stays a told vacancy. Raises TermFault where a later term is there.
    """
    name = typed.words(name)
    if not name:
        raise ChiefRefused("没有填写姓名。", "no name", where={"字段": "姓名"})
    with change(user.actor()) as tx:
        row = locked(user, pk)
        if on < row.opened_on or (row.closed_on is not None and on >= row.closed_on):
            raise ChiefRefused("任职日期不在岗位存续期内。", f"office {pk} does not exist on {on}", value=on,
                               remedy_zh=f"岗位自 {row.opened_on} 设立。")  # fmt: skip
        standing = list(row.terms.order_by("valid_from", "pk"))
        terms.appended([terms.Term(one.valid_from, one.valid_to) for one in standing], on, until)
        for one in standing:
            if one.valid_to is None or one.valid_to >= on:
                one.valid_to = on - terms.DAY
                one.save(update_fields=["valid_to"])
        made = Term.objects.create(office=row, name=name[:40], person=person, valid_from=on, valid_to=until,
                                   basis=typed.words(basis)[:200])  # fmt: skip
        _touch(tx, user, row, "chiefs.term.appoint", {"name": made.name, "from": on, "until": until, "basis": basis})
    return made


def end_term(user: User, pk: int, *, on: date, reason: str) -> Term:
    """The one who holds the office leaves it after the day ``on`` and nobody follows yet: the reason is told."""
    reason = typed.words(reason)
    if not reason:
        raise ChiefRefused("没有写明空缺的原因。", "no reason", remedy_zh="请写明离任原因和由谁代管。")
    with change(user.actor()) as tx:
        row = locked(user, pk)
        term = row.terms.filter(valid_to__isnull=True).first()
        if term is None or on < term.valid_from:
            raise ChiefRefused("没有在任人员，或离任日期早于任职日期。", f"no term to end on {on}", value=on)
        term.valid_to, term.end_reason = on, reason[:200]
        term.save(update_fields=["valid_to", "end_reason"])
        _touch(tx, user, row, "chiefs.term.end", {"name": term.name, "on": on}, reason)
    return term


def _touch(tx: Change, user: User, row: Office, action: str, after: dict[str, Any], note: str = "") -> None:
    row.version += 1
    row.save(update_fields=["version"])
    tx.log(action, row.ref, None, after, note)
    search.index_later(row.ref, created_by=user.actor().id)


def add_helper(
    user: User, pk: int, *, role: str, name: str, start: date, end: date | None = None, person: User | None = None,
    post: str = "", reason: str = "",
) -> Helper:  # fmt: skip
    """An assistant, or somebody who patrols in the chief's place for some days: with a last day and a reason."""
    name, reason = typed.words(name), typed.words(reason)
    if role not in Helper.Role.values or not name:
        raise ChiefRefused("没有填写姓名或方式。", "no name or role", where={"字段": "姓名"})
    if end is not None and end < start:
        raise ChiefRefused("结束日期早于开始日期。", "ends before it begins", value=end)
    if role == Helper.Role.STAND_IN and (end is None or not reason):
        raise ChiefRefused("代巡须有截止日期和原因。", "a stand-in needs a last day and a reason",
                           remedy_zh="请写明代巡到哪一天、为什么。")  # fmt: skip
    with change(user.actor()) as tx:
        row = locked(user, pk)
        made = Helper.objects.create(office=row, role=role, name=name[:40], person=person, post=typed.words(post)[:80],
                                     valid_from=start, valid_to=end, reason=reason[:200])  # fmt: skip
        _touch(tx, user, row, "chiefs.helper.add", {"role": role, "name": name, "from": start, "to": end}, reason)
    return made


def end_helper(user: User, helper: Helper, *, on: date | None = None) -> Helper:
    """The helper's last day is ``on`` (default: today)."""
    day = on or timezone.localdate()
    with change(user.actor()) as tx:
        row = locked(user, helper.office_id)
        if day < helper.valid_from:
            raise ChiefRefused("结束日期早于开始日期。", "ends before it begins", value=day)
        helper.valid_to = day
        helper.save(update_fields=["valid_to"])
        _touch(tx, user, row, "chiefs.helper.end", {"name": helper.name, "on": day})
    return helper
