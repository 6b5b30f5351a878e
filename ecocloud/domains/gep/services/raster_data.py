"""The data that a raster account yields, put into the forms of its accounting as values with the account as source.

A form takes them as from anybody who fills it in: he does not check it afterwards, what is not plausible has to be
explained before it is sent, and what was sent, approved or locked is not overwritten.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Any

from ecocloud.base import typed
from ecocloud.domains.gep import checking, facts, formreading, formset, queries, steps
from ecocloud.domains.gep.access import FILL
from ecocloud.domains.gep.checking import Finding
from ecocloud.domains.gep.errors import GepError, NotThere, Stale, WrongState
from ecocloud.domains.gep.formset import Asked
from ecocloud.domains.gep.models import Accounting, Datum, Form, RasterAccount
from ecocloud.domains.gep.raster_accounts import engine
from ecocloud.domains.gep.services import reporting
from ecocloud.domains.gep.services.reporting import Entered
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Region, User

if TYPE_CHECKING:
    from ecocloud.domains.gep.raster.giving import Found

# Why values of a form are not written.
SENT, APPROVED, LOCKED, FOREIGN, CLOSED = "sent", "approved", "locked", "foreign", "closed"


@dataclass(frozen=True)
class Value:
    """One datum of a form: what the rasters say and what stands there now; ``findings`` about the new value;
    ``known``: the share of the region's area that it comes from.
    """

    code: str
    part: str
    value: Decimal
    service: str
    source: str
    before: Decimal | None
    kept: Datum | None
    findings: tuple[Finding, ...] = ()
    known: Decimal = Decimal(1)

    @property
    def partial(self) -> bool:
        """Whether so much of the region is not known that the form has to say why the value holds (``forms.yaml``)."""
        return self.known < formset.forms_file().known

    @property
    def changes(self) -> bool:
        """Whether putting it in would change anything."""
        return self.kept is None or self.kept.value != self.value or self.kept.source != self.source


@dataclass(frozen=True)
class FormValues:
    """The values for one form; ``why`` they are not written, '' when they can be. ``beside``: what else stands in the
    form for the same data, of parts that the rasters do not have; it stays there, and counts. ``seen``: whether the
    person sees the form; of others nothing is told of what stands there.
    """

    form: Form
    values: tuple[Value, ...]
    why: str = ""
    beside: tuple[Datum, ...] = ()
    seen: bool = True

    @property
    def due(self) -> tuple[Value, ...]:
        """Those that would change."""
        return tuple(one for one in self.values if one.changes)


@dataclass(frozen=True)
class Proposal:
    """Everything an account has to give: by form; ``strays``: zones that are no division of the accounting; ``absent``:
    divisions without a zone; ``unasked``: data that the edition does not ask for; ``services``: those it is taken from,
    of all ``offered``; ``token``: of exactly this, so that what is put in is what was looked at.
    """

    forms: tuple[FormValues, ...]
    strays: tuple[str, ...]
    absent: tuple[Region, ...]
    unasked: tuple[str, ...]
    services: tuple[str, ...]
    offered: tuple[str, ...]

    @property
    def token(self) -> str:
        """The digest of what would be written where, over what."""
        told = [
            [group.form.pk, group.why, one.code, one.part, str(one.value), str(one.before)]
            for group in self.forms for one in group.values
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]

    @property
    def due(self) -> int:
        """How many values would be written."""
        return sum(len(group.due) for group in self.forms if not group.why)


def propose(user: User, raster: RasterAccount | int, services: Sequence[str] = ()) -> Proposal:
    """What would be written into which form, and what would not.

    ``services``: where two give the same datum, the ones to take; without them the first of each. Raises NotThere,
    WrongState (not done), :class:`GepError` (a result that was changed, two services for one datum).
    """
    key = raster if isinstance(raster, int) else raster.pk
    row = queries.rasters(user).filter(pk=key).first()
    if row is None:
        raise NotThere("没有这项栅格核算，或不在您的数据范围内。", f"no raster account {key} in reach", value=key)
    found = result_of(row)
    offered = _offered(found)
    chosen = [one for one in services if one in offered] or _first_of_each(offered)
    regions, strays = _zones(row, found)
    data = _data(row, found, regions, chosen)
    asked = formreading.asked_by(row.accounting)
    forms = _forms(row, asked)
    editable, seen = (
        set(some.filter(accounting=row.accounting_id).values_list("pk", flat=True))
        for some in (queries.forms(user, FILL), queries.forms(user))
    )
    groups, unasked = _grouped(row, data, forms)
    made = [
        _judged(row, forms[key], asked[key[1]], some, forms[key].pk in editable) if forms[key].pk in seen
        else _unseen(row, forms[key], some) for key, some in groups.items()
    ]  # fmt: skip
    parts = list(row.accounting.parts.order_by("code")) or [row.accounting.region]
    there = {one.code for some in regions.values() for one in some}
    absent = [] if row.accounting.region_id in there else [one for one in parts if one.code not in there]
    return Proposal(tuple(made), tuple(strays), tuple(absent), tuple(sorted(unasked)), tuple(chosen), tuple(offered))


def put(
    user: User, raster: RasterAccount | int, *, services: Sequence[str] = (), token: str = "", note: str = ""
) -> int:  # fmt: skip
    """Write what :func:`propose` offers into the forms that may still be filled in; how many values were written.

    ``note``: why values are right although they are not plausible or not of the whole region; it is kept with those.
    Raises Forbidden, Stale (the forms changed since ``token``), :class:`GepError` (nothing to write, no note on values
    that are not of the whole region).
    """
    permissions.require(user, FILL)
    with change(user.actor()) as tx:
        proposal = propose(user, raster, services)
        if token and token != proposal.token:
            raise Stale("报表在预览后有变化。", "forms changed since they were looked at",
                        remedy_zh="请重新查看后再写入。")  # fmt: skip
        groups = [one for one in proposal.forms if not one.why and one.due]
        if not groups:
            raise GepError("没有可写入的数据。", "nothing to write",
                           remedy_zh="报表已是这些数值，或已报送、审定、锁定。")  # fmt: skip
        note = typed.words(note)
        _require_note([one for group in groups for one in group.due], note)
        for group in groups:
            # Under its revision: what was looked at is not locked until here.
            entered = [Entered(one.code, one.part, one.value, "", one.source, _note(one, note)) for one in group.due]
            reporting.save(user, group.form, entered, revision=group.form.revision)
        told = {"forms": len(groups), "values": proposal.due, "services": list(proposal.services)}
        key = raster if isinstance(raster, int) else raster.pk
        tx.log("gep.raster.put", f"gepraster:{key}", None, told, note)
    return proposal.due


def _require_note(due: Iterable[Value], note: str) -> None:
    """Raises :class:`GepError` when a value is not of the whole region and nobody says why it holds."""
    partial = next((one for one in due if one.partial), None)
    if partial is not None and not note:
        fact = facts.load().inputs[partial.code]
        raise GepError("有的数据只来自部分面积，须写明说明。", f"{partial.code} is of {partial.known} of the area",
                       where={"数据项": fact.zh}, value=f"{percent(partial.known):f} %",
                       remedy_zh="请说明缺口为什么不影响这些数，或补全图层后重新核算。")  # fmt: skip


def _note(one: Value, note: str) -> str:
    if one.partial:
        return f"有数据的面积 {percent(one.known):f} %；{note}"
    return note if one.findings else ""


def percent(share: Decimal) -> Decimal:
    """A share in %, with two places; what is not whole is never told as 100."""
    return (share * 100).quantize(Decimal("0.01"), ROUND_DOWN)


def result_of(row: RasterAccount) -> Found:
    """The result of an account that is done. Raises WrongState, NoEngine, :class:`GepError` when it is not whole or
    another's.
    """
    engine.require()
    from ecocloud.domains.gep.raster import giving

    if row.state != RasterAccount.State.DONE:
        raise WrongState("该核算还没有结果。", f"raster {row.pk} is {row.state}", where={"栅格核算": row.name},
                         remedy_zh="请先完成核算。")  # fmt: skip
    try:
        found = giving.read(row.folder / "result")
    except giving.ResultError as error:
        raise GepError("结果文件不在、不全或被改动。", f"no whole result of raster {row.pk}",
                       where={"栅格核算": row.name},
                       remedy_zh="请在这项核算的页面再次运行，或沿用图层新建一项。") from error  # fmt: skip
    if found.digest != row.digest:
        raise GepError("结果文件夹里不是这次核算的结果。", f"digest {found.digest} is not that of raster {row.pk}",
                       where={"栅格核算": row.name}, remedy_zh="请重新核算。")  # fmt: skip
    return found


def _offered(found: Found) -> list[str]:
    """The services of a result that give data."""
    from ecocloud.domains.gep.raster.registry import services

    return [code for code, one in services().items() if code in found.sums and one.gives]


def _first_of_each(offered: Iterable[str]) -> list[str]:
    """Of services that give the same datum the first."""
    from ecocloud.domains.gep.raster.registry import services

    taken: set[str] = set()
    chosen = []
    for code in offered:
        if not taken & {*services()[code].gives}:
            taken |= {*services()[code].gives}
            chosen.append(code)
    return chosen


def _zones(row: RasterAccount, found: Found) -> tuple[dict[str, list[Region]], list[str]]:
    """The division each zone is, by its code or name, and the zones that are none."""
    from ecocloud.domains.gep.raster_accounts.assembling import names_of

    names = names_of(row.accounting)
    return ({zone: [names[zone]] for zone in found.zones if zone in names},
            [zone for zone in found.zones if zone not in names])  # fmt: skip


def _data(
    row: RasterAccount, found: Found, regions: Mapping[str, list[Region]], chosen: Sequence[str]
) -> dict[str, tuple[tuple[Any, Decimal], ...]]:
    """The data by division with the share of it that each is of: of each with a zone, and of the whole from all its
    parts when each of them has one.
    """
    from ecocloud.domains.gep.raster import giving

    zones: dict[str, list[str]] = defaultdict(list)
    for zone, some in regions.items():
        zones[some[0].code].append(zone)
    parts, whole = {*row.accounting.parts.values_list("code", flat=True)}, row.accounting.region_id
    if whole not in zones and parts and parts <= {*zones}:
        zones[whole] = [zone for code in sorted(parts) for zone in zones[code]]
    made = {}
    for code, some in zones.items():
        merged = _merged(found, some, code)
        known = giving.covered(merged)
        made[code] = tuple((one, _known(known, code, one.source)) for one in giving.given(merged, chosen)[code])
    return made


def _service(source: str) -> str:
    """The service that a datum of the engine is of."""
    return source.partition("#")[2].partition(".")[0]


def _known(shares: Mapping[tuple[str, str], float], region: str, source: str) -> Decimal:
    """The share of a region that a datum is of: of its shape that has land cover, of this that its service knows."""
    service = _service(source)
    known = Decimal(str(shares.get((region, "area"), 1.0)))
    return known if service == "area" else known * Decimal(str(shares.get((region, service), 1.0)))


def _merged(found: Found, zones: Sequence[str], name: str) -> Found:
    """A result whose only zone is these together: their sums and shapes added, so that means are of all their cells."""
    sums: dict[str, dict[str, dict[int, dict[str, float]]]] = {}
    for service, by_zone in found.sums.items():
        rows: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for zone in zones:
            for lucode, columns in by_zone.get(zone, {}).items():
                for column, value in columns.items():
                    rows[lucode][column] += value
        sums[service] = {name: {lucode: dict(columns) for lucode, columns in rows.items()}}
    shapes = [found.zone_hectares[zone] for zone in zones if zone in found.zone_hectares]
    hectares = {name: (sum(one[0] for one in shapes), sum(one[1] for one in shapes))} if shapes else {}
    return replace(found, zones=(name,), sums=sums, zone_hectares=hectares)


_Key = tuple[str, str]  # region, form


def _forms(row: RasterAccount, asked: Mapping[str, Asked]) -> dict[_Key, Form]:
    """The forms of the year by division and code."""
    rows = Form.objects.filter(accounting=row.accounting_id, year=row.year, code__in=list(asked))
    rows = rows.select_related("accounting__region", "region", "department").prefetch_related("data")
    return {(one.region_id, one.code): one for one in rows.order_by("code", "region_id")}


def _grouped(
    row: RasterAccount, data: Mapping[str, Iterable[Any]], forms: Mapping[_Key, Form]
) -> tuple[dict[_Key, list[Any]], set[str]]:
    """What each form is given, and the data no form asks for. A whole is given what its parts are not asked."""
    asked = formreading.asked_by(row.accounting)
    of = {fact.code: code for code, one in asked.items() for fact in one.data}
    parts = {region for region, _code in forms} - {row.accounting.region_id}
    groups: dict[_Key, list[Any]] = defaultdict(list)
    unasked = set()
    for region, some in data.items():
        for one, known in some:
            form = of.get(one.datum)
            if form is None:
                unasked.add(one.datum)
                continue
            by_parts = any((part, form) in forms and part in data for part in parts)
            if (region, form) in forms and not (region == row.accounting.region_id and by_parts):
                groups[region, form].append((one, known))
    return {key: groups[key] for key in forms if key in groups}, unasked


def _judged(row: RasterAccount, form: Form, asked: Asked, given: Sequence[Any], editable: bool) -> FormValues:
    """The values of one form with what stands there now, what is found about them, and whether they can be written."""
    there = {(one.code, one.part): one for one in form.data.all()}
    values = formreading.values(there.values()) | {(one.datum, one.part): one.value for one, _known in given}
    found: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    last = formreading.last_year(form)
    for one in checking.check(facts.load(), asked, values, last=last, needed=frozenset()):
        found[one.datum, one.part].append(one)
    made = [_value(row, one, known, there.get((one.datum, one.part)), found) for one, known in given]
    codes, keys = {one.code for one in made}, {(one.code, one.part) for one in made}
    beside = tuple(one for key, one in there.items() if one.code in codes and key not in keys)
    return FormValues(form, tuple(made), _why(form, editable), beside)


def _unseen(row: RasterAccount, form: Form, given: Sequence[Any]) -> FormValues:
    """The values for a form that the person does not see: nothing of what stands there, not even how far it is."""
    made = tuple(_value(row, one, known, None, {}) for one, known in given)
    return FormValues(form, made, FOREIGN if form.accounting.state == Accounting.State.OPEN else CLOSED, seen=False)


def _value(
    row: RasterAccount, one: Any, known: Decimal, kept: Datum | None, found: Mapping[tuple[str, str], Sequence[Finding]]
) -> Value:  # fmt: skip
    service = _service(one.source)
    source = f"{row.ref}#{service}@{row.digest[:16]}"
    findings = tuple(found.get((one.datum, one.part), ()))
    before = None if kept is None else kept.value
    return Value(one.datum, one.part, one.value, service, source, before, kept, findings, known)


def _why(form: Form, editable: bool) -> str:
    if form.accounting.state != Accounting.State.OPEN:
        return CLOSED
    if form.state == Form.State.LOCKED:
        return LOCKED
    if form.state == Form.State.APPROVED:
        return APPROVED
    if form.state not in steps.OPEN:
        return SENT
    return "" if editable else FOREIGN
