"""Background jobs of the shell."""

from __future__ import annotations

from typing import Any

from ecocloud.base.jobs import periodic
from ecocloud.web import state


@periodic(state.JOB, every=state.EVERY, label_zh="检查运行状态")
def check(context: Any) -> dict[str, list[str]]:
    """Run every room's health check; the page of the administrators shows the newest result."""
    return state.examine()
