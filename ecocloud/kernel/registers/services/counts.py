"""The roll-up of counts and sums, kept exact in the transaction that changes objects.

Deltas are collected while the transaction runs and written just before the journal's link, in sorted order, so that two
transactions never wait for each other in a circle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import NamedTuple
from weakref import WeakKeyDictionary

from django.db.models import Count, Sum

from ecocloud.base import bulk
from ecocloud.kernel.journal.services import Actor, Change, change
from ecocloud.kernel.registers import slots
from ecocloud.kernel.registers.errors import ValueFault, ValuesRefused
from ecocloud.kernel.registers.models import ObjectCount, RegisterObject, RegisterType

# The largest sum a 64-bit integer scaled by 10^6 can hold.
LARGEST_SUM = Decimal(2**63 - 1).scaleb(-6)
_ZERO = Decimal(0)


class Key(NamedTuple):
    """What objects are counted by; 0 stands for no department or no year."""

    type: int
    region: str
    department: int
    year: int
    state: str


class Totals:
    """A count and the sums of the number slots."""

    def __init__(self) -> None:
        self.count = 0
        self.sums: dict[str, Decimal] = defaultdict(Decimal)

    def add(self, row: RegisterObject, sign: int) -> None:
        """Count ``row`` in (1) or out (-1)."""
        self.count += sign
        for name in slots.NUMBERS:
            value = getattr(row, name)
            if value is not None:
                self.sums[name] += sign * value


_PENDING: WeakKeyDictionary[Change, dict[Key, Totals]] = WeakKeyDictionary()


def key_of(row: RegisterObject) -> Key:
    """The counting key of an object."""
    return Key(row.type_id, row.region_id, row.department_id or 0, row.year or 0, row.state)


def shift(tx: Change, row: RegisterObject, sign: int) -> None:
    """Count an object in or out when ``tx`` is sealed; called before and after a change."""
    pending = _PENDING.get(tx)
    if pending is None:
        _PENDING[tx] = pending = defaultdict(Totals)
        tx.before_seal(lambda: _flush(tx))
    pending[key_of(row)].add(row, sign)


def _flush(tx: Change) -> None:
    deltas = {
        key: totals
        for key, totals in _PENDING.pop(tx, {}).items()
        if totals.count or any(totals.sums.values())
    }  # fmt: skip
    if not deltas:
        return
    held = _locked(deltas)
    missing = sorted(deltas.keys() - held.keys())
    if missing:
        ObjectCount.objects.bulk_create([_row(key) for key in missing], ignore_conflicts=True, batch_size=200)
        held |= _locked(set(missing))
    changed = {name for delta in deltas.values() for name in delta.sums}
    for key, delta in deltas.items():
        _apply(held[key], delta)
    bulk.update([held[key] for key in sorted(deltas)], ["count", *sorted(changed)])


def _locked(wanted: Collection[Key]) -> dict[Key, ObjectCount]:
    """Those of the counts ``wanted`` that there are, locked in order."""
    rows = ObjectCount.objects.select_for_update().filter(
        type__in={key.type for key in wanted},
        region__in={key.region for key in wanted},
        department_key__in={key.department for key in wanted},
        year_key__in={key.year for key in wanted},
        state__in={key.state for key in wanted},
    )
    found = {}
    for row in rows.order_by("type", "region", "department_key", "year_key", "state"):
        key = Key(row.type_id, row.region_id, row.department_key, row.year_key, row.state)
        if key in wanted:
            found[key] = row
    return found


def _row(key: Key) -> ObjectCount:
    return ObjectCount(type_id=key.type, region_id=key.region, department_id=key.department or None,
                       department_key=key.department, year_key=key.year, state=key.state)  # fmt: skip


def _apply(row: ObjectCount, delta: Totals) -> None:
    row.count += delta.count
    for name, amount in delta.sums.items():
        total = getattr(row, name) + amount
        if abs(total) > LARGEST_SUM:
            raise ValuesRefused([
                ValueFault(name, "合计超出可存储的范围。", "sum out of range", value=total,
                           remedy_zh="请为该字段改用更大的单位（如 万元）。")
            ])  # fmt: skip
        setattr(row, name, total)


def counted(types: Iterable[int] | None = None) -> dict[tuple, tuple]:
    """Counts and sums as they are in the objects: key -> (count, sums of the number slots)."""
    rows = RegisterObject.objects.order_by()
    rows = rows if types is None else rows.filter(type__in=list(types))
    grouped = rows.values_list("type_id", "region_id", "department_id", "year", "state")
    sums = grouped.annotate(n=Count("pk"), **{f"sum_{name}": Sum(name) for name in slots.NUMBERS})
    return {
        (row[0], row[1], row[2] or 0, row[3] or 0, row[4]): (row[5], tuple(one or _ZERO for one in row[6:]))
        for row in sums
    }


def differences() -> dict[tuple, tuple]:
    """Where the roll-up differs from the objects: key -> (roll-up, objects). Empty when exact."""
    real = counted()
    columns = ("type_id", "region_id", "department_key", "year_key", "state", "count", *slots.NUMBERS)
    kept = {row[:5]: (row[5], row[6:]) for row in ObjectCount.objects.values_list(*columns)}
    nothing = (0, (_ZERO,) * len(slots.NUMBERS))
    pairs = {key: (kept.get(key, nothing), real.get(key, nothing)) for key in kept.keys() | real.keys()}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def rebuild(actor: Actor) -> int:
    """Recompute every count and sum that is wrong, in one transaction; returns how many were."""
    with change(actor) as tx:
        list(RegisterType.objects.select_for_update().order_by("pk").values_list("pk", flat=True))
        wrong = differences()
        for key in sorted(wrong):
            count, sums = wrong[key][1]
            made = Key(*key)
            row, _ = ObjectCount.objects.get_or_create(
                type_id=made.type, region_id=made.region, department_key=made.department, year_key=made.year,
                state=made.state, defaults={"department_id": made.department or None},
            )  # fmt: skip
            row.count = count
            for name, amount in zip(slots.NUMBERS, sums, strict=True):
                setattr(row, name, amount)
            row.save()
        tx.log("registers.counts.rebuild", "registers:counts", after={"wrong": len(wrong)})
    return len(wrong)
