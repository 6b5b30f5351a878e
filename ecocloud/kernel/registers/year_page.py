"""What the pages of closed years show: the years closed, whether they still hold what they held, what changed since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.kernel.regions import scope
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.registers import queries, services, showing
from ecocloud.kernel.registers.errors import NoSuchThing
from ecocloud.kernel.registers.models import ObjectVersion, YearLock
from ecocloud.kernel.registers.register import Register

CHECKED_AT_ONCE = 5000  # rows; above, the digest is compared only when asked for
MOST_CHANGES = 200
_YEARS_OFFERED = 10


def locks(viewer: Any, register: Register) -> QuerySet[YearLock]:
    """The closed years of a register whose division lies in the viewer's reach, newest year first."""
    rows = YearLock.objects.filter(type=register.pk).select_related("region", "locked_by", "unlocked_by")
    return scope.limit(rows, viewer, (), "region", None, queries.VIEW).order_by("-year", "region_id", "-pk")


def lock_of(viewer: Any, register: Register, pk: int) -> YearLock:
    """One of them; raises NoSuchThing."""
    row = locks(viewer, register).filter(pk=pk).first()
    if row is None:
        raise NoSuchThing("没有这次封账，或它不在您的数据范围内。", f"no year lock {pk} in reach", value=pk)
    return row


def light_of(row: YearLock) -> showing.Light:
    """Closed, or opened again."""
    return showing.Light("none", _("已解除")) if row.unlocked_at else showing.Light("done", _("已封账"))


def years_offered() -> list[int]:
    """The years that are over."""
    last = timezone.localdate().year - 1
    return list(range(last, last - _YEARS_OFFERED, -1))


def regions_offered(viewer: Any, register: Register) -> list[Region]:
    """Divisions with objects within the viewer's reach, and those right above them."""
    used = queries.counted_values(viewer, register, "region_id")
    above = Region.objects.filter(pk__in=used).values("parent")
    over = Region.objects.filter(pk__in=above).values("parent")
    rows = Region.objects.filter(Q(pk__in=used) | Q(pk__in=above) | Q(pk__in=over)).exclude(level="province")
    return list(rows.order_by("code")[:400])


@dataclass(frozen=True)
class Check:
    """Whether a closed year still holds what it held: ``state`` is same, changed or unasked."""

    state: str
    rows: int = 0


def check(row: YearLock, register: Register, asked: bool) -> Check:
    """Compare the objects as they were on the last day of the year with the digest of the closing."""
    if row.rows > CHECKED_AT_ONCE and not asked:
        return Check("unasked")
    count, digest = services.snapshot(register, row.region, row.year)
    return Check("same" if (count, digest) == (row.rows, row.digest) else "changed", count)


def changed_since(viewer: Any, register: Register, row: YearLock) -> QuerySet[ObjectVersion]:
    """Versions written after the closing that fall into the year, or belong to objects that count for it.

    In the division then or in the version before; what lies outside the viewer's reach is left out.
    """
    first, after = row.region.span
    inside = Q(region_id__gte=first, region_id__lt=after)
    before = ObjectVersion.objects.filter(inside, object=OuterRef("object"), number__lt=OuterRef("number"))
    rows = ObjectVersion.objects.filter(type=register.pk, at__gt=row.locked_at).filter(
        Q(valid_from__lte=date(row.year, 12, 31)) | Q(year=row.year)
    )
    rows = rows.filter(inside | Exists(before))
    return scope.limit(rows, viewer, ["department"], "region", "object__created_by", queries.VIEW)


def change_lines(viewer: Any, register: Register, row: YearLock) -> tuple[list[dict[str, Any]], int]:
    """The newest of those changes as lines of the page (object, what, who, when, old and new words), and how many."""
    rows = changed_since(viewer, register, row)
    shown = list(rows.select_related("object", "by", "region", "department").order_by("-at", "-pk")[:MOST_CHANGES])
    wanted = {(one.object_id, one.number - 1) for one in shown}
    older = ObjectVersion.objects.filter(object__in={pk for pk, _number in wanted})
    older = older.select_related("region", "department")
    before = {(one.object_id, one.number): one for one in older if (one.object_id, one.number) in wanted}
    typed = [register.values(one) for one in [*shown, *before.values()]]
    names = showing.Names.of(register.definition.fields, typed, viewer)
    lines = [
        {
            "row": one, "what": showing.action_word(register, one.action),
            "who": one.by.name if one.by_id else _("系统"),
            "changes": showing.changes(register, before[one.object_id, one.number - 1], one, names)
            if (one.object_id, one.number - 1) in before else [],
        }
        for one in shown
    ]  # fmt: skip
    return lines, len(shown) if len(shown) < MOST_CHANGES else rows.count()
