"""API keys: issued once, narrowed to rooms or parts of rooms, revoked with a reason.

A person makes keys for the own account; the system administrator makes them for service accounts, which get their roles
from the security administrator: neither can open business data alone, and nobody holds a key of another person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from ecocloud.base.errors import Forbidden
from ecocloud.base.rooms import all_rooms
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import keys, permissions
from ecocloud.kernel.regions.keys import KeyRefused, KeyScope
from ecocloud.kernel.regions.models import ApiKey, User
from ecocloud.kernel.regions.services.console import CONSOLE, check

OWN, MANAGE, REVOKE = "regions.key.own", "regions.key.manage", "regions.key.revoke"
LONGEST_DAYS = 366
MOST_PER_MINUTE = 6000
MOST_KEYS = 20


def open_rooms() -> dict[str, Any]:
    """The rooms that answer programs, by name."""
    return {room.name: room for room in all_rooms() if room.api or room.api_urls}


def issue_key(
    user: Any, owner: User, *, name: str, scopes: Iterable[str], expires_on: date, per_minute: int = 120
) -> tuple[ApiKey, str]:
    """A new key of ``owner``; returns its row and the key, which is shown once and never again.

    scopes: ``ROOM:read``, ``ROOM:write`` or ``ROOM/PART:...``; expires_on: the last day, at most 366 days ahead;
    per_minute: calls a minute. Raises Forbidden, KeyRefused.
    """
    _may_issue(user, owner)
    wanted = _scopes(scopes)
    today, name = timezone.localdate(), " ".join(name.split())
    if not 1 <= len(name) <= 60:
        raise KeyRefused("请写明密钥的用途。", "key without a name", where={"字段": "用途"}, remedy_zh="1 至 60 个字。")
    if not today <= expires_on <= today + timedelta(days=LONGEST_DAYS):
        raise KeyRefused("到期日不可用。", f"bad last day {expires_on}", where={"字段": "到期日"}, value=expires_on,
                         remedy_zh=f"应为今天起 {LONGEST_DAYS} 天内的日期；到期前另发新密钥。")  # fmt: skip
    if not 1 <= per_minute <= MOST_PER_MINUTE:
        raise KeyRefused("每分钟次数不可用。", f"bad rate {per_minute}", where={"字段": "每分钟次数"}, value=per_minute,
                         remedy_zh=f"应为 1 至 {MOST_PER_MINUTE}。")  # fmt: skip
    head, token = keys.make()
    with change(user.actor()) as tx:
        owner = User.objects.select_for_update().get(pk=owner.pk)
        if owner.api_keys.filter(revoked_at__isnull=True, expires_on__gte=today).count() >= MOST_KEYS:
            raise KeyRefused("在用的密钥太多。", "too many keys", value=MOST_KEYS, remedy_zh="请先停用不再使用的密钥。")
        row = ApiKey.objects.create(
            user=owner, name=name, head=head, digest=keys.digest_of(token), scopes=[str(one) for one in wanted],
            per_minute=per_minute, expires_on=expires_on, created_by_id=getattr(user, "pk", None),
        )  # fmt: skip
        tx.log("regions.key.issue", Ref("user", str(owner.pk)), None,
               {"key": head, "name": name, "scopes": row.scopes, "expires_on": str(expires_on),
                "per_minute": per_minute})  # fmt: skip
    return row, token


def _may_issue(user: Any, owner: User) -> None:
    if user is not CONSOLE and not owner.service:
        permissions.require(user, OWN)
        if user.pk != owner.pk:
            raise Forbidden("不能为他人建立密钥。", "a person's keys are made by that person alone",
                            remedy_zh="请由本人在“我的账号”中建立，或改用对接账号。")  # fmt: skip
    else:
        check(user, MANAGE)
    if not owner.is_active:
        raise KeyRefused("账号已停用。", "account is closed", value=owner.username, remedy_zh="请先启用账号。")
    if permissions.rights(owner).camp not in ("", permissions.BUSINESS):
        raise KeyRefused("管理员账号不能使用密钥。", "administrators have no keys", value=owner.username,
                         remedy_zh="请使用对接账号。")  # fmt: skip


def _scopes(texts: Iterable[str]) -> list[KeyScope]:
    wanted = sorted({KeyScope.parse(text) for text in texts})
    known = open_rooms()
    if not 1 <= len(wanted) <= keys.MOST_SCOPES:
        raise KeyRefused("请选择密钥的范围。", f"{len(wanted)} scopes", where={"字段": "范围"}, value=len(wanted),
                         remedy_zh=f"1 至 {keys.MOST_SCOPES} 项。")  # fmt: skip
    for one in wanted:
        if one.room not in known or (one.part and not known[one.room].api_parts):
            raise KeyRefused(f"没有可开放的范围“{one}”。", f"unknown scope {one}", value=str(one),
                             where={"字段": "范围"}, remedy_zh=f"可用：{'、'.join(known)}。")  # fmt: skip
    return wanted


def revoke_key(user: Any, key: ApiKey, *, reason: str) -> ApiKey:
    """Put a key out of use for good, by its owner or an administrator; its record stays."""
    if user is not CONSOLE and user.pk == key.user_id:
        permissions.require(user, OWN)
    else:
        check(user, REVOKE)
    if not reason.strip():
        raise KeyRefused("停用密钥须写明理由。", "revoked without a reason", where={"字段": "理由"},
                         remedy_zh="请填写理由。")  # fmt: skip
    with change(user.actor()) as tx:
        row = ApiKey.objects.select_for_update().get(pk=key.pk)
        if row.revoked_at is None:
            row.revoked_at, row.revoke_reason = timezone.now(), reason.strip()[:200]
            row.revoked_by_id = getattr(user, "pk", None)
            row.save(update_fields=["revoked_at", "revoke_reason", "revoked_by"])
            tx.log("regions.key.revoke", Ref("user", str(row.user_id)), {"key": row.head}, None, reason)
    return row
