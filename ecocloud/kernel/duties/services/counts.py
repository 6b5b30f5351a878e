"""Seats and the rollup of counts: both follow the items inside the same transaction.

Deltas are collected while the transaction runs (a nested block that fails takes its deltas with it) and written just
before the journal's link, in sorted order, so that two transactions never wait for each other in a circle.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.models import Count, F

from ecocloud.kernel.duties.models import (
    ItemCount,
    ItemLevel,
    ItemSeat,
    ItemUnit,
    Reporter,
    TreeSeat,
    WorkItem,
)
from ecocloud.kernel.duties.services import trees
from ecocloud.kernel.journal.services import Actor, Change, change
from ecocloud.kernel.regions.models import Department, User

_COLUMNS = ("year", "kind", "department_id", "role", "state", "light")
_CHUNK = 2000


class SeatKey(NamedTuple):
    """What seats are counted by."""

    year: int
    kind: str
    department_id: int
    role: str
    state: str
    light: str


_PENDING: WeakKeyDictionary[Change, Counter[SeatKey]] = WeakKeyDictionary()


def key_of(seat: ItemSeat | TreeSeat) -> SeatKey:
    """The counting key of a seat."""
    return SeatKey(*(getattr(seat, name) for name in _COLUMNS))


def _counted_of(item: WorkItem, seats: Iterable[ItemSeat | TreeSeat]) -> Counter[SeatKey]:
    """The keys of the seats of one item; an item of a batch counts once more under its batch."""
    keys = [key_of(seat) for seat in seats]
    if item.batch_id:
        keys += [key._replace(role=f"b{item.batch_id}") for key in keys if key.role == ItemSeat.Role.LEAD]
    return Counter(keys)


def shift(tx: Change, deltas: Counter[SeatKey]) -> None:
    """Let the counts change by ``deltas`` when ``tx`` is sealed."""
    if not any(deltas.values()):
        return

    def collect() -> None:
        pending = _PENDING.get(tx)
        if pending is None:
            _PENDING[tx] = pending = Counter()
            # Hooks added while hooks run are run after all others.
            tx.before_seal(lambda: _flush(tx))
        for key, delta in deltas.items():
            pending[key] += delta

    tx.before_seal(collect)


def _flush(tx: Change) -> None:
    deltas = {key: delta for key, delta in _PENDING.pop(tx, Counter()).items() if delta}
    if not deltas:
        return
    found = _rows(deltas)
    missing = [ItemCount(**key._asdict(), count=0) for key in sorted(deltas.keys() - found.keys())]
    if missing:
        # Before any row is locked, and in order: whoever waits here for another's row holds no lock he could want.
        ItemCount.objects.bulk_create(missing, ignore_conflicts=True, batch_size=200)
        found = _rows(deltas)
    if connection.features.has_select_for_update:
        locked = ItemCount.objects.select_for_update().filter(pk__in=[found[key] for key in deltas])
        list(locked.order_by(*_COLUMNS).values_list("pk", flat=True))
    for delta in sorted(set(deltas.values())):
        same = [found[key] for key in deltas if deltas[key] == delta]
        ItemCount.objects.filter(pk__in=same).update(count=F("count") + delta)


def _rows(keys: Iterable[SeatKey]) -> dict[SeatKey, int]:
    """The primary keys of the rows that exist, among others near them."""
    wanted = {
        f"{name}__in": sorted(set(values)) for name, values in zip(_COLUMNS, zip(*keys, strict=True), strict=True)
    }
    return {SeatKey(*row[:-1]): row[-1] for row in ItemCount.objects.filter(**wanted).values_list(*_COLUMNS, "pk")}


def level_units(keys: Sequence[int]) -> dict[int, list[int]]:
    """The units that check on the levels of these items."""
    found: dict[int, list[int]] = defaultdict(list)
    for first in range(0, len(keys), 500):
        rows = ItemLevel.objects.filter(item__in=keys[first : first + 500]).order_by("id")
        for pk, unit in rows.values_list("item_id", "department_id"):
            found[pk].append(unit)
    return found


def reporter_units(keys: Sequence[int]) -> dict[int, list[int]]:
    """The units of the people who reported these items: whoever reported one can follow and reopen it."""
    told: dict[int, list[int]] = defaultdict(list)
    for first in range(0, len(keys), 500):
        rows = Reporter.objects.filter(item__in=keys[first : first + 500], ref__startswith="user:").order_by("id")
        for pk, ref in rows.values_list("item_id", "ref"):
            told[pk].append(int(ref.partition(":")[2]))
    people = {user for users in told.values() for user in users}
    units = dict(User.objects.filter(pk__in=people, department__isnull=False).values_list("pk", "department_id"))
    return {pk: [units[user] for user in users if user in units] for pk, users in told.items()}


def wanted_seats(item: WorkItem) -> dict[int, str]:
    """The units that see ``item`` with their strongest role. Groups of units are seen by their members."""
    return wanted_of_many([item])[0]


def wanted_of_many(items: Sequence[WorkItem]) -> list[dict[int, str]]:
    """:func:`wanted_seats` of many items with a fixed number of queries (and some for each level of sub-tasks)."""
    together: dict[int, list[int]] = defaultdict(list)
    groups: dict[int, list[int]] = defaultdict(list)
    for first in range(0, len(items), 500):
        part = [item.pk for item in items[first : first + 500]]
        rows = ItemUnit.objects.filter(item__in=part, department__isnull=False).order_by("id")
        for pk, unit, kind in rows.values_list("item_id", "department_id", "department__kind"):
            together[pk].append(unit)
            if kind == Department.Kind.GROUP:
                groups[unit].append(pk)
    if groups:
        members = Department.members.through.objects.filter(from_department_id__in=groups)
        for group, unit in members.values_list("from_department_id", "to_department_id"):
            for pk in groups[group]:
                together[pk].append(unit)
    checking = level_units([item.pk for item in items if item.table.levels])
    telling = reporter_units([item.pk for item in items if item.table.takes_case])
    return [_ranked(item, together[item.pk], checking.get(item.pk, ()), telling.get(item.pk, ())) for item in items]


def _ranked(item: WorkItem, together: Iterable[int], checking: Iterable[int], telling: Iterable[int]) -> dict[int, str]:
    wanted = {item.lead_department_id: ItemSeat.Role.LEAD.value}
    for department_id in checking:
        wanted.setdefault(department_id, ItemSeat.Role.LEVEL.value)
    for department_id in together:
        wanted.setdefault(department_id, ItemSeat.Role.COOPERATE.value)
    wanted.setdefault(item.office_department_id, ItemSeat.Role.OFFICE.value)
    parent_id = item.parent_id
    while parent_id:
        above, parent_id = WorkItem.objects.values_list("lead_department_id", "parent_id").get(pk=parent_id)
        wanted.setdefault(above, ItemSeat.Role.ABOVE.value)
    for department_id in telling:
        wanted.setdefault(department_id, ItemSeat.Role.REPORTER.value)
    return wanted


def _seat(item: WorkItem, department_id: int, role: str) -> ItemSeat:
    return ItemSeat(item=item, department_id=department_id, role=role, **_mirror(item))


def _tree_seat(item: WorkItem, top_id: int) -> TreeSeat:
    return TreeSeat(item=item, department_id=top_id, **_mirror(item))


def _mirror(item: WorkItem) -> dict:
    names = ("year", "kind", "state", "light", "light_rank", "due")
    return {name: getattr(item, name) for name in names}


def sit(tx: Change, items: Iterable[WorkItem], seats: Iterable[dict[int, str]]) -> None:
    """Write the seats of new items, one mapping of units to roles for each item."""
    pairs = list(zip(items, seats, strict=True))
    rows = [_seat(item, unit, role) for item, wanted in pairs for unit, role in sorted(wanted.items())]
    above = trees.tops()
    wide = [_tree_seat(item, top) for item, wanted in pairs for top in trees.over(wanted, above)]
    ItemSeat.objects.bulk_create(rows, batch_size=500)
    TreeSeat.objects.bulk_create(wide, batch_size=500)
    by_item: dict[int, list[ItemSeat | TreeSeat]] = defaultdict(list)
    for row in (*rows, *wide):
        by_item[row.item_id].append(row)
    shift(tx, sum((_counted_of(item, by_item[item.pk]) for item, _ in pairs), Counter()))


def follow(tx: Change, item: WorkItem, *, units_changed: bool = False) -> None:
    """Bring the seats of ``item`` up to date after it was saved."""
    seats = list(ItemSeat.objects.filter(item=item))
    wide = list(TreeSeat.objects.filter(item=item))
    before = _counted_of(item, (*seats, *wide))
    if units_changed:
        seats = _reseat(item, seats)
        wide = _reseat_tree(item, seats, wide)
    mirror = _mirror(item)
    for model, rows in ((ItemSeat, seats), (TreeSeat, wide)):
        if any(getattr(seat, name) != value for seat in rows for name, value in mirror.items()):
            model.objects.filter(item=item).update(**mirror)
            for seat in rows:
                vars(seat).update(mirror)
    after = _counted_of(item, (*seats, *wide))
    after.subtract(before)
    shift(tx, after)
    if units_changed:
        for child in WorkItem.objects.filter(parent=item).order_by("id"):
            follow(tx, child, units_changed=True)


def _reseat(item: WorkItem, seats: list[ItemSeat]) -> list[ItemSeat]:
    wanted = wanted_seats(item)
    gone = [seat.pk for seat in seats if seat.department_id not in wanted]
    if gone:
        ItemSeat.objects.filter(pk__in=gone).delete()
    kept = [seat for seat in seats if seat.department_id in wanted]
    for seat in kept:
        if seat.role != wanted[seat.department_id]:
            seat.role = wanted[seat.department_id]
            ItemSeat.objects.filter(pk=seat.pk).update(role=seat.role)
    known = {seat.department_id for seat in kept}
    fresh = [_seat(item, unit, role) for unit, role in sorted(wanted.items()) if unit not in known]
    ItemSeat.objects.bulk_create(fresh)
    return kept + fresh


def _reseat_tree(item: WorkItem, seats: list[ItemSeat], wide: list[TreeSeat]) -> list[TreeSeat]:
    wanted = trees.over([seat.department_id for seat in seats], trees.tops())
    gone = [seat.pk for seat in wide if seat.department_id not in wanted]
    if gone:
        TreeSeat.objects.filter(pk__in=gone).delete()
    kept = [seat for seat in wide if seat.department_id in wanted]
    known = {seat.department_id for seat in kept}
    fresh = [_tree_seat(item, top) for top in wanted if top not in known]
    TreeSeat.objects.bulk_create(fresh)
    return kept + fresh


def counted() -> Counter[SeatKey]:
    """The counts as they are in the seats."""
    rows = ItemSeat.objects.order_by().values_list(*_COLUMNS).annotate(n=Count("pk"))
    found = Counter({SeatKey(*row[:-1]): row[-1] for row in rows})
    batched = ItemSeat.objects.filter(role=ItemSeat.Role.LEAD, item__batch__isnull=False).order_by()
    for *key, batch, n in batched.values_list(*_COLUMNS, "item__batch_id").annotate(n=Count("pk")):
        found[SeatKey(*key)._replace(role=f"b{batch}")] += n
    columns = [name for name in _COLUMNS if name != "role"]
    for row in TreeSeat.objects.order_by().values_list(*columns).annotate(n=Count("pk")):
        found[SeatKey(**dict(zip(columns, row[:-1], strict=True)), role=TreeSeat.role)] = row[-1]
    return found


def differences() -> dict[SeatKey, tuple[int, int]]:
    """Where the rollup differs from the seats: key to (rollup, seats). Empty when exact."""
    real = counted()
    kept = Counter(
        {SeatKey(*row[:-1]): row[-1] for row in ItemCount.objects.values_list(*_COLUMNS, "count") if row[-1]}
    )
    return {key: (kept[key], real[key]) for key in kept.keys() | real.keys() if kept[key] != real[key]}


def rebuild_counts(actor: Actor) -> int:
    """Recompute every count from the seats in one transaction; returns the number of rows that were wrong."""
    with change(actor) as tx:
        wrong = differences()
        for key in sorted(wrong):
            ItemCount.objects.update_or_create(**key._asdict(), defaults={"count": wrong[key][1]})
        tx.log("duties.counts.rebuild", "duties:counts", after={"wrong": len(wrong)})
    return len(wrong)
