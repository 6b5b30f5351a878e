"""Closing a year: snapshot with digest, and the lock that keeps it."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

from django.utils import timezone

from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.registers import queries
from ecocloud.kernel.registers.errors import ValueFault, ValuesRefused, YearLocked
from ecocloud.kernel.registers.models import RegisterType, YearLock
from ecocloud.kernel.registers.register import Register
from ecocloud.kernel.registers.services import guards


def snapshot(register: Register, region: Region, year: int) -> tuple[int, str]:
    """How many objects there were on the last day of ``year`` in ``region`` and below, and a digest of them."""
    digest, count = hashlib.sha256(), 0
    for row in queries.rows_on(register, date(year, 12, 31), region).order_by("object_id").iterator(chunk_size=2000):
        place = bytes(row.place).hex() if row.place is not None else None
        whole = [row.object_id, row.number, row.name, row.region_id, row.department_id, row.state, row.year, place,
                 row.schema, row.body]  # fmt: skip
        digest.update(json.dumps(whole, sort_keys=True, ensure_ascii=False).encode() + b"\n")
        count += 1
    return count, digest.hexdigest()


def lock_year(user: Any, register: Register, region: Region, year: int, *, note: str = "") -> YearLock:
    """Close a year that is over: nothing in force in it, and no object that counts for it, changes any more."""
    guards.within_reach(user, guards.LOCK, region, None)
    if not 1900 <= year < timezone.localdate().year:
        raise ValuesRefused([ValueFault("year", f"{year} 年还没有结束。", "year is not over", value=year,
                                        remedy_zh="年度结束后再封账。")])  # fmt: skip
    with change(user.actor()) as tx:
        RegisterType.objects.select_for_update().get(pk=register.pk)
        if YearLock.objects.filter(type=register.pk, region=region, year=year, unlocked_at__isnull=True).exists():
            raise YearLocked("该年度已经封账。", "already locked", where={"区划": region.name, "年度": year})
        rows, digest = snapshot(register, region, year)
        made = YearLock.objects.create(type_id=register.pk, region=region, year=year, rows=rows, digest=digest,
                                       note=note[:300], locked_by_id=getattr(user, "pk", None))  # fmt: skip
        tx.log("registers.year.lock", Ref("reglock", str(made.pk)), None,
               {"type": register.code, "region": region.pk, "year": year, "rows": rows, "digest": digest},
                   note)  # fmt: skip
    return made


def unlock_year(user: Any, held: YearLock, *, reason: str) -> YearLock:
    """Open a closed year again; needs its own permission and a reason."""
    guards.within_reach(user, guards.UNLOCK, held.region, None)
    if not reason.strip():
        raise ValuesRefused([ValueFault("reason", "解除封账必须写明理由。", "unlocked without a reason",
                                        remedy_zh="请说明依据。")])  # fmt: skip
    with change(user.actor()) as tx:
        row = YearLock.objects.select_for_update().get(pk=held.pk)
        if row.unlocked_at is not None:
            raise YearLocked("该年度已经解除封账。", "already unlocked")
        row.unlocked_at, row.unlock_reason = timezone.now(), reason.strip()[:300]
        row.unlocked_by_id = getattr(user, "pk", None)
        row.save()
        tx.log("registers.year.unlock", Ref("reglock", str(row.pk)), None, {"year": row.year}, reason)
    return row


def altered(held: YearLock, register: Register) -> bool:
    """Whether what the year held is no longer what the snapshot saw."""
    return snapshot(register, held.region, held.year) != (held.rows, held.digest)
