"""What a unit with others below it sees: which units lie below which, as far as the seats follow.

A viewer whose data scope is a tree of units sees every item on which one of them has a seat. Counting those afresh
means reading the whole ledger; so every item keeps one :class:`TreeSeat` for each unit above its seats. ``TreeLink``
remembers which units the seats were written for. When the organisation changes, links pass through ``adding`` and
``dropping`` while the seats are brought up to date in short transactions; whoever looks from such a unit meanwhile is
answered from the seats themselves, exactly and more slowly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from ecocloud.kernel.duties.models import ItemSeat, TreeLink, TreeSeat, WorkItem
from ecocloud.kernel.journal.services import SYSTEM, Actor, change
from ecocloud.kernel.regions.scope import trees as living_trees

# Seconds after which no transaction can still be running that read the links before they changed.
GRACE = 90
_CHUNK = 200


def tops() -> dict[int, tuple[int, ...]]:
    """For each unit the units from which its items are seen."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = TreeLink.objects.exclude(state=TreeLink.State.DROPPING).order_by("top_id")
    for unit, top in rows.values_list("unit_id", "top_id"):
        found[unit].append(top)
    return {unit: tuple(ids) for unit, ids in found.items()}


def over(units: Iterable[int], above: Mapping[int, tuple[int, ...]]) -> list[int]:
    """The units from which an item with seats of ``units`` is seen, sorted."""
    return sorted({top for unit in units for top in above.get(unit, ())})


def complete(top_id: int, units: Iterable[int]) -> bool:
    """Whether the seats of the tree of ``top_id`` are exactly the items on which ``units`` have a seat."""
    links = dict(TreeLink.objects.filter(top_id=top_id).values_list("unit_id", "state"))
    return links.keys() == set(units) and set(links.values()) == {TreeLink.State.READY}


def sync(actor: Actor = SYSTEM, *, grace: float = GRACE) -> dict[str, int]:
    """Bring links and seats to the organisation as it is today.

    A link becomes ready, or goes, at the first call that finds nothing left to do at least ``grace`` seconds after it
    was announced. Returns how many links were announced, how many items were reseated and how many links are settled.
    """
    announced = _announce()
    moved = 0
    changing = TreeLink.objects.exclude(state=TreeLink.State.READY)
    for top in sorted(set(changing.values_list("top_id", flat=True))):
        while ids := _wrong(top):
            moved += _reseat(actor, ids)
    before = timezone.now() - timedelta(seconds=grace)
    settled = changing.filter(since__lte=before, state=TreeLink.State.ADDING).update(state=TreeLink.State.READY)
    dropped, _ = changing.filter(since__lte=before, state=TreeLink.State.DROPPING).delete()
    return {"announced": announced, "items": moved, "settled": settled + dropped}


def _announce() -> int:
    """Write down which links come and which go."""
    wanted = {(unit, top) for top, units in living_trees().items() for unit in units}
    now = timezone.now()
    with change(SYSTEM):
        links = {(link.unit_id, link.top_id): link for link in TreeLink.objects.select_for_update().order_by("pk")}
        fresh = [TreeLink(unit_id=unit, top_id=top, since=now) for unit, top in sorted(wanted - links.keys())]
        TreeLink.objects.bulk_create(fresh, batch_size=300)
        going = [link.pk for pair, link in links.items() if pair not in wanted and link.state != link.State.DROPPING]
        back = [link.pk for pair, link in links.items() if pair in wanted and link.state == link.State.DROPPING]
        TreeLink.objects.filter(pk__in=going).update(state=TreeLink.State.DROPPING, since=now)
        TreeLink.objects.filter(pk__in=back).update(state=TreeLink.State.ADDING, since=now)
    return len(fresh) + len(going) + len(back)


def _wrong(top: int) -> list[int]:
    """Some items whose seat in the tree of ``top`` is missing or too much."""
    state = TreeLink.State
    links = dict(TreeLink.objects.filter(top_id=top).values_list("unit_id", "state"))
    adding = [unit for unit, now in links.items() if now == state.ADDING]
    there = TreeSeat.objects.filter(item=OuterRef("item"), department_id=top)
    missing = ItemSeat.objects.filter(~Exists(there), department_id__in=adding).order_by()
    found = list(missing.values_list("item_id", flat=True)[:_CHUNK])
    if not found and state.DROPPING in links.values():
        stay = [unit for unit, now in links.items() if now != state.DROPPING]
        seat = ItemSeat.objects.filter(item=OuterRef("item"), department_id__in=stay)
        found = list(
            TreeSeat.objects.filter(~Exists(seat), department_id=top)
            .order_by()
            .values_list("item_id", flat=True)[:_CHUNK]
        )
    return sorted(set(found))


def _reseat(actor: Actor, ids: list[int]) -> int:
    from ecocloud.kernel.duties.services.counts import follow  # counts writes seats and needs the links of this module

    with change(actor) as tx:
        items = list(WorkItem.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
        for item in items:
            follow(tx, item, units_changed=True)
    return len(items)
