"""Numbers for the home page and sentences for ``ecocloud check``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import QuerySet
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


def idle(accounts: QuerySet[User]) -> QuerySet[User]:
    """Accounts in use that were not used for 90 days (GB/T 22239-2019 8.1.4.2 c); new ones have not been yet."""
    since = timezone.now() - timedelta(days=_IDLE_DAYS)
    return accounts.filter(is_active=True, created_at__lt=since).exclude(last_seen__gte=since)


def idle_count(viewer: Any) -> int:
    """How many accounts are idle."""
    return idle(User.objects.all()).count()


def idle_url(viewer: Any) -> str:
    """The list of exactly those."""
    return reverse("regions:people") + "?state=idle"


def without_role(accounts: QuerySet[User]) -> QuerySet[User]:
    """Accounts in use that may do nothing yet."""
    return accounts.filter(is_active=True, grants__isnull=True)


def without_role_count(viewer: Any) -> int:
    """How many wait for a role."""
    return without_role(User.objects.all()).count()


def without_role_url(viewer: Any) -> str:
    """The list of exactly those."""
    return reverse("regions:people") + "?state=bare"


def lock_lines() -> list[dict[str, Any]]:
    """Failed sign-ins of the last cool-off time summed by account and by address, the locked ones first."""
    since = timezone.now() - timedelta(hours=float(settings.AXES_COOLOFF_TIME))
    sums: dict[tuple[str, str], list[Any]] = {}
    for attempt in AccessAttempt.objects.filter(attempt_time__gte=since).order_by("-attempt_time"):
        for kind, value in (("username", attempt.username), ("address", attempt.ip_address)):
            if value:
                line = sums.setdefault((kind, str(value)), [0, attempt.attempt_time])
                line[0] += attempt.failures_since_start
                line[1] = max(line[1], attempt.attempt_time)
    limit = settings.AXES_FAILURE_LIMIT
    found = [
        {"kind": kind, "value": value, "failures": count, "at": at, "locked": count >= limit}
        for (kind, value), (count, at) in sums.items()
    ]
    return sorted(found, key=lambda line: (not line["locked"], -line["failures"], line["value"]))


def locked(viewer: Any) -> int:
    """How many accounts and addresses are locked."""
    return sum(line["locked"] for line in lock_lines())


def locked_url(viewer: Any) -> str:
    """The list of exactly those."""
    return reverse("regions:locks") + "?state=locked"


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
    """Accounts that nobody uses."""
    count = idle_count(None)
    return [f"有 {count} 个账号 {_IDLE_DAYS} 天未登录，请核实是否停用。"] if count else []
