"""Entering what was published: the figures of a report beside which ours are set, each with its source and reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ecocloud.base import typed
from ecocloud.domains.gep import facts
from ecocloud.domains.gep.access import EDIT
from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.models import Accounting, Published
from ecocloud.domains.gep.services.guards import accounting_in_reach
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.models import User

_MOST = Decimal(10**12)  # 万元


@dataclass(frozen=True)
class Entered:
    """A published figure as typed: ``service`` its code ('' for GEP), value in 万元 ('' for none), reason."""

    service: str
    value: str
    reason: str = ""


def set_published(user: User, accounting: Accounting | int, year: int, source: str, rows: Iterable[Entered]) -> int:
    """Keep the published figures of a year; one without a value goes. Returns how many are kept.

    Raises Forbidden, :class:`GepError` for a figure that is no amount of 万元, a service that does not exist, a year
    that is not accounted, or figures without a source.
    """
    row = accounting_in_reach(user, EDIT, accounting)
    if year not in row.years:
        raise GepError(f"{year} 不是该核算的年份。", f"{year} is not accounted", value=year,
                       remedy_zh=f"请选择 {row.first_year} 至 {row.last_year} 年。")  # fmt: skip
    found = {one.service: _read(one) for one in rows}
    given = {code: value for code, value in found.items() if value is not None}
    source = typed.words(source)[:200]
    if given and not source:
        raise GepError("请填写公布数据的来源。", "published figures without a source",
                       remedy_zh="填写报告或公报的名称、文号和页码。")  # fmt: skip
    with change(user.actor()) as tx:
        held = {one.service: one for one in Published.objects.filter(accounting=row, year=year)}
        before = {code: str(one.value) for code, one in held.items()}
        for code, one in held.items():
            if code not in given:
                one.delete()
        for code, (value, reason) in given.items():
            kept = held.get(code) or Published(accounting=row, year=year, service=code)
            kept.value, kept.source, kept.reason, kept.by = value, source, reason, user
            kept.save()
        after = {code: str(value) for code, (value, _reason) in given.items()}
        tx.log("gep.published.set", row.ref, before | {"year": year}, after | {"year": year}, source)
    return len(given)


def _read(one: Entered) -> tuple[Decimal, str] | None:
    known = facts.load()
    if one.service and one.service not in known.services:
        raise GepError(f"没有“{one.service}”这项服务。", f"unknown service {one.service}", value=one.service)
    text = typed.plain(one.value)
    if not text:
        return None
    name = known.services[one.service].zh if one.service else "GEP"
    try:
        value = typed.number(text)
    except typed.BadInput:
        value = None
    if value is None or abs(value) > _MOST or value != value.quantize(Decimal("0.01")):
        raise GepError(f"{name}：“{one.value}”不是以万元计的金额（最多两位小数）。",
                       f"{one.service}: {one.value!r} is no amount", where={"项目": name}, value=one.value[:40],
                       remedy_zh="请填数字，例如 123456.78。")  # fmt: skip
    return value.quantize(Decimal("0.01")), typed.words(one.reason)[:300]
