"""Values that come by file or API: into a raw journal of their own, from where the lake takes them like packets."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from ecocloud.intake.monitoring import raw
from ecocloud.intake.monitoring.raw import Kind
from ecocloud.intake.monitoring.stations.models import Device
from ecocloud.intake.monitoring.stations.rates import CHINA
from ecocloud.intake.monitoring.stations.records import folder
from ecocloud.kernel.evidence.guards import within_reach
from ecocloud.kernel.journal.services import change

BRING = "monitoring.values.import"
JOURNAL = "files"
# Commands whose records say the same (HJ 212-2017 table 9), and the field a value goes into.
INTERVALS = {"hour": ("2061", "Avg"), "day": ("2031", "Avg"), "minute": ("2051", "Avg"), "realtime": ("2011", "Rtd")}
AHEAD = timedelta(minutes=15)
_PATIENCE = 10.0


@dataclass(frozen=True)
class Given:
    """Values of a device at a time. values: code -> number as text. flag: as HJ 212 has it, '' for none."""

    device: Device
    time: datetime
    interval: str
    values: dict[str, str]
    flag: str = ""
    source: str = ""


def bring(user: Any, given: Sequence[Given]) -> dict[str, Any]:
    """Keep values durably; the lake takes them in seconds later. Returns how many and where they lie.

    Repeated values change nothing. Raises Forbidden for a device outside the person's reach (nothing is kept then),
    raw.CannotStore and raw.Locked.
    """
    for device in {one.device.pk: one.device for one in given}.values():
        within_reach(user, BRING, device.region, device.department)
    now = timezone.now()
    with change(user.actor()) as tx, raw.Writer(folder(), JOURNAL, patience=_PATIENCE) as writer:
        first = writer.next_sequence
        for one in given:
            writer.append(Kind.ROWS, 0, _record(one), now)
        following = writer.commit()
        counts = Counter(one.device.ref for one in given)
        place = f"{JOURNAL}/{first}-{following - 1}"
        for ref, number in counts.items():
            tx.log("monitoring.values.bring", ref, None, {"records": number, "raw": place})
    return {"records": len(given), "devices": len(counts), "raw": place}


def moment(text: str) -> datetime | None:
    """A time as people and programs write it, in China where no zone is told; None for anything else."""
    cleaned = (
        text.strip().replace("/", "-").replace("年", "-").replace("月", "-").replace("日", " ").replace("时", ":00")
    )
    if cleaned.isdigit() and len(cleaned) in (10, 12, 14):
        form = "%Y%m%d%H%M%S"[: {10: 8, 12: 10, 14: 12}[len(cleaned)]]
        try:
            return datetime.strptime(cleaned, form).replace(tzinfo=CHINA)
        except ValueError:
            return None
    try:
        found = datetime.fromisoformat(cleaned)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=CHINA)


def _record(one: Given) -> bytes:
    command, field = INTERVALS[one.interval]
    flag = {"Flag": one.flag} if one.flag else {}
    values = {code: {field: text} | flag for code, text in one.values.items()}
    told = {"mn": one.device.mn, "st": one.device.st, "cn": command, "time": one.time.isoformat(), "values": values,
            "source": one.source}  # fmt: skip
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
