"""Numbers for the home page and sentences for ``ecocloud check``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from ecocloud.kernel.regions.models import Region, Role, RoleGrant, UnitQuestion, User

_IDLE_DAYS = 90


def open_questions(viewer: Any) -> int:
    """How many unit wordings wait for a person."""
    return UnitQuestion.objects.filter(state=UnitQuestion.State.OPEN).count()


def open_questions_url(viewer: Any) -> str:
    """The list of exactly those."""
    return reverse("regions:unit-questions") + "?state=open"


def check_regions() -> list[str]:
    """Divisions are loaded."""
    return [] if Region.objects.exists() else ["没有区划数据，请运行 ecocloud regions load。"]


def check_separation() -> list[str]:
    """Nobody holds roles that exclude each other, and each administrator exists."""
    camps: dict[int, set[str]] = {}
    for user_id, camp in RoleGrant.objects.values_list("user_id", "role__camp"):
        camps.setdefault(user_id, set()).add(camp)
    mixed = [user_id for user_id, held in camps.items() if len(held) > 1]
    names = User.objects.filter(pk__in=mixed).values_list("username", flat=True)
    found = [f"账号 {name} 兼有互斥的角色，已停止其全部权限。" for name in names]
    held = {camp for camps_of in camps.values() for camp in camps_of}
    for camp in (Role.Camp.SYSTEM, Role.Camp.SECURITY, Role.Camp.AUDIT):
        if camp not in held:
            found.append(f"没有{camp.label}员，请运行 ecocloud user create --role {camp.value}。")
    return found


def check_idle_accounts() -> list[str]:
    """Accounts not used for 90 days (GB/T 22239-2019 8.1.4.2 c)."""
    since = timezone.now() - timedelta(days=_IDLE_DAYS)
    idle = User.objects.filter(is_active=True, created_at__lt=since).exclude(last_seen__gte=since).count()
    return [f"有 {idle} 个账号 {_IDLE_DAYS} 天未登录，请核实是否停用。"] if idle else []
