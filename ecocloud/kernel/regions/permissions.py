"""Rights on functions: ``allowed`` and ``require``.

Rights are read once for each version of a person's rights (``User.rights_version`` is new after every grant,
revocation or change of a role) and kept with that version for all web processes, so that none answers from stale
rights.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.core.cache import caches
from django.utils import timezone

from ecocloud.base.errors import Forbidden
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.keys import KeyLimit
from ecocloud.kernel.regions.models import Role, RoleGrant, RolePermission, in_language

_KEEP_SECONDS = 300
BUSINESS = Role.Camp.BUSINESS.value


@dataclass(frozen=True)
class HeldRole:
    """One role as a person holds it."""

    code: str
    label_zh: str
    label_en: str
    scope: str
    camp: str
    permissions: frozenset[str]
    departments: frozenset[int] = frozenset()
    valid_until: date | None = None

    @property
    def label(self) -> str:
        """The role's name in the language of the page."""
        return in_language(self.label_zh, self.label_en)

    @property
    def scope_label(self) -> str:
        """The data scope in words."""
        return str(Role.Scope(self.scope).label)


@dataclass(frozen=True)
class Rights:
    """All a person may do: the roles in force and the union of their permissions."""

    roles: tuple[HeldRole, ...] = ()
    permissions: frozenset[str] = field(default=frozenset())

    @property
    def camp(self) -> str:
        """``business``, the code of an administrator role, or '' without any role."""
        return self.roles[0].camp if self.roles else ""


NO_RIGHTS = Rights()


def _read(user_id: int) -> tuple[HeldRole, ...]:
    grants = list(RoleGrant.objects.filter(user_id=user_id).select_related("role").order_by("role__order", "role_id"))
    codes: dict[int, set[str]] = defaultdict(set)
    for role_id, code in RolePermission.objects.filter(role__grants__user_id=user_id).values_list("role_id", "code"):
        codes[role_id].add(code)
    custom: dict[int, set[int]] = defaultdict(set)
    wanted = [grant.role_id for grant in grants if grant.role.scope == Role.Scope.CUSTOM]
    if wanted:
        listed = Role.departments.through.objects.filter(role_id__in=wanted)
        for role_id, department_id in listed.values_list("role_id", "department_id"):
            custom[role_id].add(department_id)
    return tuple(
        HeldRole(
            code=grant.role.code,
            label_zh=grant.role.label_zh,
            label_en=grant.role.label_en,
            scope=grant.role.scope,
            camp=grant.role.camp,
            permissions=frozenset(codes[grant.role_id]),
            departments=frozenset(custom[grant.role_id]),
            valid_until=grant.valid_until,
        )
        for grant in grants
    )


def rights(user: Any) -> Rights:
    """What ``user`` may do today, by a key only what the key leaves open.

    Nobody, inactive people and forbidden mixtures of roles have no rights at all; an administrator has none by a key.
    """
    if not getattr(user, "is_authenticated", False) or not user.is_active or user.pk is None:
        return NO_RIGHTS
    memo = getattr(user, "_scope_memo", None)  # of this request, see scope.remembered
    if memo is None:
        return _narrowed(_rights(user, timezone.localdate()), getattr(user, "key_limit", None))
    key = "rights", user.rights_version
    if key not in memo:
        memo[key] = _narrowed(_rights(user, timezone.localdate()), getattr(user, "key_limit", None))
    return memo[key]


def _narrowed(whole: Rights, limit: KeyLimit | None) -> Rights:
    if limit is None:
        return whole
    if whole.camp != BUSINESS:
        return NO_RIGHTS
    held = tuple(replace(role, permissions=frozenset(filter(limit.permits, role.permissions))) for role in whole.roles)
    return Rights(held, frozenset().union(*(role.permissions for role in held)))


def _rights(user: Any, today: date) -> Rights:
    shared, key = caches["shared"], f"rights:{user.pk}"
    version, held = shared.get(key) or (None, ())
    if version != user.rights_version:
        held = _read(user.pk)
        shared.set(key, (user.rights_version, held), _KEEP_SECONDS)
    held = tuple(role for role in held if role.valid_until is None or today <= role.valid_until)
    camps = {role.camp for role in held}
    if len(camps) > 1 or (camps and BUSINESS not in camps and len(held) > 1):
        return NO_RIGHTS
    return Rights(held, frozenset().union(*(role.permissions for role in held)))


def allowed(user: Any, code: str) -> bool:
    """Whether ``user`` holds the permission ``code`` (``room.thing.verb``)."""
    return code in rights(user).permissions


def has_role(user: Any, code: str) -> bool:
    """Whether ``user`` holds the role ``code`` today."""
    return any(role.code == code for role in rights(user).roles)


def require(user: Any, code: str) -> None:
    """Raise :class:`Forbidden` unless ``user`` holds ``code``."""
    if not allowed(user, code):
        raise Forbidden(
            "您没有进行此项操作的权限。",
            f"user {getattr(user, 'pk', None)} lacks permission {code}",
            code="regions.forbidden",
            value=code,
            remedy_zh="如工作需要，请联系安全管理员授权。",
        )


def journal_refusal(user: Any, route: str, code: str, *, request_id: str = "", address: str = "") -> None:
    """Record that a person who is signed in was refused (GB/T 22239-2019 8.1.4.3)."""
    with change(user.actor(request_id, address)) as tx:
        tx.log("regions.access.refused", Ref("user", str(user.pk)), after={"route": route, "permission": code})
