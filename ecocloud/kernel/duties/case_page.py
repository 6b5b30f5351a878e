"""What the page of one item shows of its case: facts of the kind's form, place, levels, notice, likely duplicates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ecocloud.kernel.duties import showing
from ecocloud.kernel.duties.models import ItemCase, ItemLevel, WorkItem
from ecocloud.kernel.duties.services import outside
from ecocloud.kernel.regions.models import User


@dataclass(frozen=True)
class Line:
    """A named value."""

    label: str
    value: str


def case_lines(item: WorkItem, case: ItemCase | None) -> list[Line]:
    """Channel, category, batch, place and the fields of the kind, as far as there are any."""
    kind, lines = item.table, []
    channel, category = kind.channel(item.channel), kind.category(item.category)
    if channel:
        lines.append(Line(_("来源"), showing.pick(channel.label_zh, channel.label_en)))
    if category:
        lines.append(Line(_("事项类别"), showing.pick(category.label_zh, category.label_en)))
    if case is None:
        return lines
    if case.number:
        lines.append(Line(_("问题编号"), case.number))
    if case.place or case.lon is not None:
        spot = f"{case.lon:.5f}, {case.lat:.5f}" if case.lon is not None else ""
        lines.append(Line(_("位置"), " ".join(part for part in (case.place, spot) if part)))
    for field in kind.fields:
        value = case.values.get(field.code)
        if value:
            chosen = field.entries.get(value)
            lines.append(Line(showing.pick(field.label_zh, field.label_en), showing.pick(*chosen) if chosen else value))
    if case.notice_until:
        lines.append(Line(_("公示"), f"{case.notice_from} — {case.notice_until}"))
    if case.suspended_until:
        lines.append(Line(_("挂起"), f"{case.suspended_from} — {case.suspended_until}"))
    return lines


def level_lines(item: WorkItem, levels: Sequence[ItemLevel]) -> list[dict[str, Any]]:
    """The levels of the close-out with their units and what each said; the present one is marked."""
    order = list(item.table.levels)
    rows = sorted(levels, key=lambda row: order.index(row.state))
    return [
        {
            "label": showing.state_label(item.kind, row.state),
            "unit": row.department.label,
            "at": row.passed_at,
            "who": row.passed_by.name if row.passed_by else "",
            "text": row.opinion,
            "now": row.state == item.state,
        }
        for row in rows
    ]


def likely(viewer: User, item: WorkItem, case: ItemCase | None) -> list[outside.Near]:
    """Open items near this one that may be the same, while it can still be merged."""
    if case is None or case.lon is None or item.table.row(item.state, "merge") is None:
        return []
    return outside.likely(
        item.kind, item.category, lon=case.lon, lat=case.lat, viewer=viewer, day=case.seen_on, besides=item.pk
    )[:5]
