"""Background jobs: reminders of forms that are owed, once before their deadline and once after it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from ecocloud.base.jobs.registry import periodic
from ecocloud.domains.gep.services.telling import remind_on


@periodic("gep.remind", at="07:55", label_zh="核算报表到期提醒")
def remind(context: Any) -> dict[str, int]:
    """Tell units which forms they still owe."""
    return {"told": remind_on(timezone.localdate())}
