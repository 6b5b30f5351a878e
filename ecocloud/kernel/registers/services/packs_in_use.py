"""What an installation does with its packs: which the cockpit of a division shows, whose indicators the clock feeds."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from ecocloud.base.errors import EcoError
from ecocloud.kernel.evidence.models import Target
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import Actor, change
from ecocloud.kernel.regions import codes, permissions
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.registers.errors import NoSuchThing
from ecocloud.kernel.registers.models import Pack, PackFeed, ShownPack
from ecocloud.kernel.registers.pack_definition import PackDefinition, PackTarget
from ecocloud.kernel.registers.services import packs
from ecocloud.kernel.registers.services.guards import within_reach

_log = logging.getLogger(__name__)
SHOW, FEED = "registers.pack.show", "evidence.observation.fill"
# A screen with more packs is not read any more.
MOST_SHOWN = 8


def _pack(code: str) -> Pack:
    row = Pack.objects.filter(code=code).first()
    if row is None:
        raise NoSuchThing(f"没有装入包“{code}”。", f"pack {code!r} is not loaded", value=code)
    return row


def show(user: Any, region: Region, chosen: Sequence[str]) -> list[str]:
    """The cockpit of ``region`` shows these packs, in this order; none: that of the division above decides again.

    Returns the codes. Raises Forbidden, NoSuchThing, EcoError for more than :data:`MOST_SHOWN`.
    """
    within_reach(user, SHOW, region, None)
    wanted = list(dict.fromkeys(chosen))
    if len(wanted) > MOST_SHOWN:
        raise EcoError(f"驾驶舱最多展示 {MOST_SHOWN} 个专题。", f"{len(wanted)} packs chosen", value=len(wanted),
                       code="registers.shown", remedy_zh="请去掉一些。")  # fmt: skip
    rows = [_pack(code) for code in wanted]
    with change(user.actor()) as tx:
        old = list(ShownPack.objects.filter(region=region).values_list("pack__code", flat=True))
        if old == wanted:
            return wanted
        ShownPack.objects.filter(region=region).delete()
        ShownPack.objects.bulk_create(ShownPack(region=region, pack=row, order=n) for n, row in enumerate(rows))
        tx.log("registers.pack.show", Ref("region", region.pk), {"packs": old}, {"packs": wanted})
    return wanted


def shown(region: Region | None) -> list[Pack]:
    """The packs the cockpit of ``region`` shows: its own choice, else that of the nearest division above."""
    above: list[str] = []
    code: str | None = region.pk if region is not None else None
    while code:
        above.append(code)
        code = codes.parent_of(code)
    found: dict[str, list[Pack]] = {}
    for row in ShownPack.objects.filter(region__in=above).select_related("pack").order_by("order", "id"):
        found.setdefault(row.region_id, []).append(row.pack)
    return next((found[one] for one in above if one in found), [])


# --- targets ----------------------------------------------------------------------------------------------------------


def open_targets(pack: PackDefinition, region: Region) -> list[tuple[PackTarget, Target | None]]:
    """The targets of a pack, each with the target in force for the region and year when there is one."""
    wanted = {one.indicator for one in pack.targets}
    rows = Target.objects.filter(indicator__code__in=wanted, region=region, status="active").select_related("indicator")
    held = {(row.indicator.code, row.period): row for row in rows}
    return [(one, held.get((one.indicator, str(one.year)))) for one in pack.targets]


def adopt_missing(user: Any, pack: PackDefinition, region: Region) -> list[Target]:
    """Set the targets of a pack that the region has not; needs the right to set targets."""
    missing = tuple(one for one, held in open_targets(pack, region) if held is None)
    return packs.adopt_targets(user, pack.model_copy(update={"targets": missing}), region)


# --- feeding by the clock ---------------------------------------------------------------------------------------------


def feed_of(pack: str, region: Region) -> PackFeed | None:
    """The feed in force."""
    rows = PackFeed.objects.filter(pack__code=pack, region=region, stopped_at__isnull=True)
    return rows.select_related("by").first()


def start_feed(user: Any, pack: str, region: Region) -> PackFeed:
    """From now on the pack's indicators of the region are handed in every month, in the name of ``user``."""
    within_reach(user, FEED, region, None)
    with change(user.actor()) as tx:
        row, _fresh = PackFeed.objects.update_or_create(
            pack=_pack(pack), region=region,
            defaults={"by": user, "since": timezone.now(), "stopped_at": None, "trouble": ""},
        )  # fmt: skip
        tx.log("registers.pack.feed-start", Ref("pack", pack), None, {"region": region.pk})
    return row


def stop_feed(user: Any, pack: str, region: Region) -> bool:
    """The clock hands nothing more in; what was handed in stays."""
    within_reach(user, FEED, region, None)
    with change(user.actor()) as tx:
        rows = PackFeed.objects.filter(pack__code=pack, region=region, stopped_at__isnull=True)
        stopped = rows.update(stopped_at=timezone.now())
        if stopped:
            tx.log("registers.pack.feed-stop", Ref("pack", pack), None, {"region": region.pk})
    return bool(stopped)


def feed_year(today: date) -> int:
    """The year that is handed in on ``today``: that of yesterday, so that January closes the year before."""
    return (today - timedelta(days=1)).year


def feed_all(
    actor: Actor, today: date | None = None, *, step: Callable[[int, int], None] | None = None
) -> dict[str, int]:
    """Hand in the indicators of every feed in force. One that cannot be done is noted on its row and stops no other."""
    today = today or timezone.localdate()
    rows = list(PackFeed.objects.filter(stopped_at__isnull=True).select_related("by", "region", "pack").order_by("pk"))
    told = Counter[str]()
    for number, row in enumerate(rows, 1):
        troubles: list[str] = []
        try:
            permissions.require(row.by, FEED)
            for one in packs.feed(row.by, packs.open_pack(row.pack.code), row.region, feed_year(today)):
                told[one.outcome] += 1
                if one.refusal is not None:
                    troubles.append(f"{one.indicator}：{one.refusal.sentence_zh()}")
        except EcoError as error:
            troubles.append(error.sentence_zh())
        except Exception as error:  # whatever one pack does, the packs after it are handed in
            _log.exception("feed of pack %s for %s", row.pack.code, row.region_id)
            troubles.append(
                f"包“{row.pack.code}”没有报送成：{type(error).__name__}。请重新装入该包；仍不行请把日志交给维护人员。"
            )
        trouble = "；".join(troubles)[:300]
        if trouble != row.trouble:
            with change(actor) as tx:
                PackFeed.objects.filter(pk=row.pk).update(trouble=trouble)
                tx.log("registers.pack.feed-trouble", Ref("pack", row.pack.code), None, {"trouble": trouble})
        if step:
            step(number, len(rows))
    return dict(told)
