"""Background jobs of the portal."""

from __future__ import annotations

from typing import Any

from ecocloud.base.jobs.registry import periodic
from ecocloud.portal.reports import photos


@periodic("portal.photos.forget", at="02:40", max_attempts=3, label_zh="清理未提交的照片")
def forget_photos(context: Any) -> dict[str, int]:
    """Drop photos that were sent with a form nobody completed."""
    return {"photos": photos.forget()}
