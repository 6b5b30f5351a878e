"""Writing indicators: the catalogue into the database, proposals of the site, their acceptance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Max

from ecocloud.base.units import UnitError, parse_unit
from ecocloud.kernel.evidence import catalogue, guards
from ecocloud.kernel.evidence.errors import EvidenceError, WrongState
from ecocloud.kernel.evidence.linking import normalise
from ecocloud.kernel.evidence.models import Indicator, IndicatorAlias
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import SYSTEM, Actor, change
from ecocloud.kernel.regions import permissions, unmeasured
from ecocloud.kernel.regions.models import User

OWN_GROUP = ("OWN", "自定指标")
_COPIED = (
    "zh",
    "en",
    "unit",
    "decimals",
    "direction",
    "nature",
    "aggregation",
    "across",
    "definition",
    "citation",
    "mark",
)


def _fields(entry: catalogue.Entry, groups: dict[str, str], order: int) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in _COPIED}
    return values | {
        "group": entry.group, "group_zh": groups[entry.group], "period_kind": entry.period,
        "function": entry.department, "order": order,
    }  # fmt: skip


def load_catalogue() -> dict[str, int]:
    """Bring the database level with the catalogue; own indicators are left alone. Returns counts new, changed, same."""
    made = catalogue.load()
    groups = {group.code: group.zh for group in made.groups}
    there = {row.code: row for row in Indicator.objects.filter(own=False)}
    counts = {"new": 0, "changed": 0, "same": 0}
    fresh: list[Indicator] = []
    with change(SYSTEM) as tx:
        for order, entry in enumerate(made.entries, start=1):
            fields = _fields(entry, groups, order * 10)
            row = there.get(entry.code)
            if row is None:
                fresh.append(Indicator(code=entry.code, **fields))
                continue
            differing = {name: value for name, value in fields.items() if getattr(row, name) != value}
            counts["changed" if differing else "same"] += 1
            if differing:
                before = {name: getattr(row, name) for name in differing}
                for name, value in differing.items():
                    setattr(row, name, value)
                row.version += 1
                row.save()
                tx.log("evidence.indicator.update", Ref("ind", row.code), before, differing)
        Indicator.objects.bulk_create(fresh, batch_size=200)
        counts["new"] = len(fresh)
        _load_aliases(made)
        if fresh:
            tx.log("evidence.catalogue.load", Ref("ind", "catalogue"), None, counts)
    return counts


def _load_aliases(made: catalogue.Catalogue) -> None:
    rows = {row.code: row for row in Indicator.objects.filter(own=False)}
    known = set(IndicatorAlias.objects.values_list("key", flat=True))
    fresh = [
        IndicatorAlias(indicator=rows[entry.code], text=alias, key=normalise(alias))
        for entry in made.entries
        for alias in entry.aliases
        if normalise(alias) not in known
    ]
    IndicatorAlias.objects.bulk_create(fresh, batch_size=500)


def install_indicators(actor: Actor, entries: Sequence[catalogue.Entry], *, source: str) -> dict[str, int]:
    """Bring indicators that are described outside of the catalogue (by a pack) into use, or up to date.

    entries: checked as the catalogue's are; source: ``Ref`` text of where they are described. Returns counts new,
    changed, same. Raises EvidenceError when a name or alias belongs to another indicator, or a code to the catalogue.
    """
    counts = {"new": 0, "changed": 0, "same": 0}
    groups = {group.code: group.zh for group in catalogue.load().groups}
    origin = guards.source_text(source)
    with change(actor) as tx:
        names = {normalise(row.zh): row.code for row in Indicator.objects.all()}
        names |= dict(IndicatorAlias.objects.values_list("key", "indicator__code"))
        for entry in entries:
            for name in entry.names:
                if names.get(normalise(name), entry.code) != entry.code:
                    raise EvidenceError(f"“{name}”已是指标 {names[normalise(name)]} 的名称。", "name taken", value=name,
                                        where={"指标": entry.code}, remedy_zh="请改名，或直接使用该指标。")  # fmt: skip
            row = Indicator.objects.filter(code=entry.code).first()
            if row is not None and row.source != origin:
                raise EvidenceError(f"编码 {entry.code} 已由别处使用。", "code taken", value=entry.code,
                                    remedy_zh="请换一个编码。")  # fmt: skip
            fields = _fields(entry, groups | {entry.group: groups.get(entry.group, entry.group)}, 50000)
            differing = {key: value for key, value in fields.items() if row is None or getattr(row, key) != value}
            counts["new" if row is None else "changed" if differing else "same"] += 1
            if differing:
                before = None if row is None else {key: getattr(row, key) for key in differing}
                row = row or Indicator(code=entry.code, source=origin, version=0)
                for key, value in differing.items():
                    setattr(row, key, value)
                row.version += 1
                row.save()
                tx.log("evidence.indicator.update", Ref("ind", row.code), before, differing)
            for alias in entry.aliases:
                IndicatorAlias.objects.get_or_create(key=normalise(alias), defaults={"indicator": row, "text": alias})
    return counts


def propose_indicator(
    user: User, name: str, unit: str = "", *, source: str, direction: str = "none", aggregation: str = "none",
    decimals: int = 2, function: str = "", definition: str = "", period_kind: str = "year",
) -> Indicator:  # fmt: skip
    """A new indicator of the site, waiting for acceptance; usable for observations and targets at once.

    source: ``Ref`` text of the place where its name stands. Raises EvidenceError when the name is taken.
    """
    permissions.require(user, "evidence.indicator.propose")
    name = name.strip()
    key = normalise(name)
    if len(name) < 2 or not key:
        raise EvidenceError("指标名称太短。", "name too short", where={"字段": "名称"}, value=name,
                            remedy_zh="请填写完整的指标名称。")  # fmt: skip
    unmeasured.refuse(name, definition, field="名称")
    if unit:
        try:
            parse_unit(unit)
        except UnitError as error:
            raise EvidenceError(error.message_zh, error.message_en, where={"字段": "单位"}, value=unit,
                                remedy_zh=error.remedy_zh) from error  # fmt: skip
    with change(user.actor()) as tx:
        taken = next((row for row in Indicator.objects.all() if normalise(row.zh) == key), None)
        alias = IndicatorAlias.objects.select_related("indicator").filter(key=key).first()
        taken = taken or (alias.indicator if alias else None)
        if taken is not None:
            raise EvidenceError(f"“{name}”已是指标“{taken.zh}”（{taken.code}）的名称或别名。", "name taken", value=name,
                                where={"字段": "名称"}, remedy_zh="请直接使用该指标。")  # fmt: skip
        number = (Indicator.objects.filter(own=True).aggregate(last=Max("order"))["last"] or 100000) + 1
        row = Indicator.objects.create(
            code=f"OWN.{number - 100000:04d}", zh=name[:60], group=OWN_GROUP[0], group_zh=OWN_GROUP[1], unit=unit,
            decimals=decimals, direction=direction, aggregation=aggregation, function=function, definition=definition,
            period_kind=period_kind, own=True, status=Indicator.Status.PROPOSED, source=guards.source_text(source),
            order=number,
        )  # fmt: skip
        tx.log(
            "evidence.indicator.propose", Ref("ind", row.code), None, {"zh": name, "unit": unit, "direction": direction}
        )
    return row


def accept_indicator(user: User, indicator: Indicator, **changes: Any) -> Indicator:
    """Take a proposed indicator into use, with the fields an editor settled (direction, aggregation, nature ...)."""
    permissions.require(user, "evidence.indicator.edit")
    editable = {
        "zh",
        "en",
        "decimals",
        "direction",
        "nature",
        "aggregation",
        "across",
        "function",
        "definition",
        "citation",
    }
    wrong = set(changes) - editable
    if wrong:
        raise EvidenceError("不能修改这些字段。", f"not editable: {sorted(wrong)}", value="、".join(sorted(wrong)))
    unmeasured.refuse(*(changes.get(name, "") for name in ("zh", "en", "definition")), field="名称")
    with change(user.actor()) as tx:
        row = Indicator.objects.select_for_update().get(pk=indicator.pk)
        if not row.own or row.status != Indicator.Status.PROPOSED:
            raise WrongState("只有待审定的自定指标需要审定。", f"indicator is {row.status}", value=row.code)
        before = {name: getattr(row, name) for name in changes} | {"status": row.status}
        for name, value in changes.items():
            setattr(row, name, value)
        row.status = Indicator.Status.ACTIVE
        row.version += 1
        row.full_clean(exclude=["weight"])
        row.save()
        tx.log("evidence.indicator.accept", Ref("ind", row.code), before, {**changes, "status": row.status})
    return row
