"""Accountings: opening one with the forms its units owe, its own coefficients and prices, closing it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from ecocloud.base import typed
from ecocloud.base.errors import Forbidden
from ecocloud.domains.gep import editions, facts, formset
from ecocloud.domains.gep.access import EDIT
from ecocloud.domains.gep.errors import GepError, WrongState
from ecocloud.domains.gep.models import Accounting, Form, OwnParameter, OwnPrice
from ecocloud.domains.gep.pricing import Price
from ecocloud.domains.gep.services import telling
from ecocloud.domains.gep.services.guards import accounting_in_reach
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import codes, permissions, scope
from ecocloud.kernel.regions.models import Department, Region, User
from ecocloud.kernel.regions.queries import in_force

MOST_YEARS, MOST_PARTS = 10, 60


def open_accounting(
    user: User, *, title: str, region: Region, years: tuple[int, int], deadline: date, edition: str = "",
    parts: Sequence[Region] = (), base_year: int | None = None, methods: Mapping[str, Sequence[str]] | None = None,
    office: Department | None = None, note: str = "",
) -> Accounting:  # fmt: skip
    """Open an accounting and give every unit the forms it owes: one for each form, region and year.

    Parameters
    ----------
    edition: its id; without one the newest whose formulas are complete today.
    parts: divisions inside the region that are accounted by themselves. methods: chosen instead of the edition's first.
    office: the unit that organises it, the person's own by default; a form nobody answers for is its own.

    Raises Forbidden, :class:`GepError`.
    """
    permissions.require(user, EDIT)
    office = office or user.department
    if office is None or not scope.sees_department(user, office.pk, EDIT):
        raise Forbidden("核算须由您数据范围内的单位组织。", "office out of reach", code="gep.scope",
                        remedy_zh="请联系安全管理员调整数据范围。")  # fmt: skip
    known = facts.load()
    fact = _edition(known, edition)
    chosen = editions.choices(known, fact, {key: tuple(value) for key, value in (methods or {}).items()})
    parts = _checked_parts(region, parts)
    first, last = _checked_years(years, base_year)
    row = Accounting(
        title=_title(title), edition=fact.id, region=region, first_year=first, last_year=last, base_year=base_year,
        methods={key: list(value) for key, value in (methods or {}).items()}, office=office, deadline=deadline,
        note=typed.words(note)[:300], opened_by=user,
    )  # fmt: skip
    with change(user.actor()) as tx:
        row.save()
        row.parts.set(parts)
        forms = _owed(row, formset.asked(known, fact, chosen), [region, *parts])
        Form.objects.bulk_create(forms)
        telling.opened(row, forms)
        tx.log("gep.accounting.open", row.ref, None, {
            "title": row.title, "edition": row.edition, "region": row.region_id, "parts": [one.code for one in parts],
            "years": [first, last], "deadline": str(deadline), "forms": len(forms)})  # fmt: skip
    return row


def _edition(known: facts.Facts, code: str) -> facts.EditionFact:
    if not code:
        return editions.default(known, timezone.localdate())
    found = known.editions.get(code)
    if found is None or found.kind != "gep":
        raise GepError("没有这个核算版本，或它不核算价值。", f"no edition {code!r} of GEP", where={"字段": "核算版本"},
                       value=code, remedy_zh="请在列出的版本中选择。")  # fmt: skip
    return found


def _title(text: str) -> str:
    title = typed.words(text)
    if not title or len(title) > 120:
        raise GepError("名称应为 1 至 120 字。", "bad title", where={"字段": "名称"}, value=title[:40],
                       remedy_zh="请写明地区和年度。")  # fmt: skip
    return title


def _checked_parts(region: Region, parts: Sequence[Region]) -> list[Region]:
    if len(parts) > MOST_PARTS:
        raise GepError(f"分区最多 {MOST_PARTS} 个。", "too many parts", value=len(parts), remedy_zh="请分开核算。")
    for one in parts:
        if one.code == region.code or not codes.contains(region.code, one.code):
            raise GepError(f"{one.name}不在{region.name}之内。", f"{one.code} is not inside {region.code}",
                           where={"字段": "分区"}, value=one.code, remedy_zh="请选择其下级区划。")  # fmt: skip
    for one in parts:
        inner = next((other for other in parts if other != one and codes.contains(one.code, other.code)), None)
        if inner is not None:
            raise GepError(f"{inner.name}在{one.name}之内，会重复计算。", f"{inner.code} lies in {one.code}",
                           where={"字段": "分区"}, value=inner.code, remedy_zh="请只选同一级区划。")  # fmt: skip
    return list(parts)


def _checked_years(years: tuple[int, int], base_year: int | None) -> tuple[int, int]:
    first, last = years
    fine = 1990 <= first <= last <= timezone.localdate().year and last - first < MOST_YEARS
    if not fine or (base_year is not None and not 1990 <= base_year <= 2100):
        raise GepError("核算年度不合理。", f"years {years}, base {base_year}", where={"字段": "年度"},
                       value=f"{first}-{last}",
                       remedy_zh=f"起止年度应先后有序、不晚于今年，最多 {MOST_YEARS} 年。")  # fmt: skip
    return first, last


def _owed(row: Accounting, asked: Mapping[str, formset.Asked], regions: Sequence[Region]) -> list[Form]:
    owners = _owners(row, {one.form.function for one in asked.values()}, regions)
    return [
        Form(accounting=row, code=code, region=region, year=year, deadline=row.deadline,
             department=owners[region.code, one.form.function])
        for code, one in asked.items()
        for region in regions
        if region is regions[0] or one.form.by == "parts"
        for year in row.years
    ]  # fmt: skip


def _owners(row: Accounting, functions: Iterable[str], regions: Sequence[Region]) -> dict[Any, Department]:
    """The unit that answers for a function in each region: its own, else that of the next division above, else the
    office."""
    above = {region.code: codes.line(region.code) for region in regions}
    wanted = {code for line in above.values() for code in line}
    rows = in_force().filter(function__in=list(functions), region__in=wanted, kind=Department.Kind.DEPARTMENT)
    units = {(unit.region_id, unit.function): unit for unit in rows.order_by("-order", "-id")}
    return {
        (region, function): next((units[code, function] for code in line if (code, function) in units), row.office)
        for region, line in above.items()
        for function in functions
    }


def _number(value: Any, field: str) -> Decimal:
    try:
        return value if isinstance(value, Decimal) else typed.number(str(value))
    except typed.BadInput as bad:
        raise GepError(bad.message_zh, f"{field}: {bad.message_en}", where={"字段": field}, value=value,
                       remedy_zh=bad.remedy_zh) from bad  # fmt: skip


def _open(row: Accounting) -> None:
    if row.state != Accounting.State.OPEN:
        raise WrongState("该核算已关闭。", f"accounting {row.pk} is closed", where={"核算": row.title},
                         remedy_zh="如需修改，请新开一项核算。")  # fmt: skip


def set_parameter(
    user: User, accounting: Accounting | int, *, code: str, value: Any, year: int, source: str, part: str = ""
) -> OwnParameter:
    """Use a coefficient of the office's own for an ecosystem (or all, ''). Raises Forbidden, :class:`GepError`."""
    row = accounting_in_reach(user, EDIT, accounting)
    _open(row)
    fact = facts.load().parameters.get(code)
    if fact is None:
        raise GepError("没有这个参数。", f"no parameter {code!r}", where={"字段": "参数"}, value=code)
    given = {"value": _number(value, "数值"), "year": _year(year), "source": _source(source)}
    with change(user.actor()) as tx:
        before = OwnParameter.objects.filter(accounting=row, code=code, part=part).first()
        kept, _made = OwnParameter.objects.update_or_create(
            accounting=row, code=code, part=part[:60],
            defaults=given | {"by": user, "at": timezone.now()},
        )  # fmt: skip
        after = {"code": code, "part": part, "value": str(given["value"]), "unit": fact.unit, "year": given["year"]}
        tx.log("gep.parameter.set", row.ref, {"value": str(before.value)} if before else None, after, given["source"])
    return kept


def set_price(
    user: User, accounting: Accounting | int, *, kind: str, value: Any, year: int, source: str, place: str = ""
) -> OwnPrice:
    """Use a price of the office's own. Without year or source it is refused. Raises Forbidden, :class:`GepError`."""
    row = accounting_in_reach(user, EDIT, accounting)
    _open(row)
    fact = facts.load().kinds.get(kind)
    if fact is None:
        raise GepError("没有这类价格。", f"no kind of price {kind!r}", where={"字段": "价格"}, value=kind)
    if place and not Region.objects.filter(pk=place).exists():
        raise GepError("没有这个区划。", f"no region {place!r}", where={"字段": "地区"}, value=place)
    checked = Price(kind, _year(year), place, _number(value, "数值"), _source(source))
    with change(user.actor()) as tx:
        before = OwnPrice.objects.filter(accounting=row, kind=kind, year=checked.year, place=place).first()
        kept, _made = OwnPrice.objects.update_or_create(
            accounting=row, kind=kind, year=checked.year, place=place,
            defaults={"value": checked.value, "source": checked.source, "by": user, "at": timezone.now()},
        )  # fmt: skip
        tx.log("gep.price.set", row.ref, {"value": str(before.value)} if before else None,
               {"kind": kind, "year": checked.year, "place": place, "value": str(checked.value), "unit": fact.unit},
               checked.source)  # fmt: skip
    return kept


def _year(value: Any) -> int:
    text = typed.plain(str(value if value is not None else ""))
    if not text.isdigit() or not 1990 <= int(text) <= 2100:
        raise GepError("没有写明年份。", f"no year: {value!r}", where={"字段": "年份"}, value=text[:20],
                       remedy_zh="请填写四位年份，如 2024。")  # fmt: skip
    return int(text)


def _source(text: str) -> str:
    source = typed.words(text)
    if not source:
        raise GepError(
            "没有写明来源。", "no source", where={"字段": "来源"}, remedy_zh="请写明文件、年鉴或测定的出处。"
        )
    return source[:200]


def close(user: User, accounting: Accounting | int, *, note: str = "") -> Accounting:
    """Close an accounting: its forms change no more. Raises Forbidden, WrongState."""
    row = accounting_in_reach(user, EDIT, accounting)
    _open(row)
    with change(user.actor()) as tx:
        row.state, row.closed_at = Accounting.State.CLOSED, timezone.now()
        row.save(update_fields=["state", "closed_at"])
        tx.log("gep.accounting.close", row.ref, {"state": "open"}, {"state": row.state}, note)
    return row
