"""Accounts, passwords, roles of people, locks.

The system administrator keeps accounts, the security administrator grants roles and unlocks; neither can do the
other's part, and nobody grants anything to himself.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from axes.models import AccessAttempt
from axes.utils import reset as reset_attempts
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from ecocloud.base import typed
from ecocloud.base.errors import Conflict, EcoError, Forbidden
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import Change, change
from ecocloud.kernel.regions import passwords
from ecocloud.kernel.regions.models import (
    Department,
    PasswordHistory,
    PermissionCode,
    Post,
    Role,
    RoleGrant,
    RolePermission,
    User,
)
from ecocloud.kernel.regions.services.console import CONSOLE, check
from ecocloud.kernel.regions.services.roles import renew_rights_of

_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{2,39}")
_UNSET: Any = object()


class AccountError(EcoError):
    """An account cannot be made or changed that way."""

    code = "regions.account"


class SeparationError(EcoError):
    """The three administrators are separate persons, and none of them works with business data."""

    code = "regions.separation"
    http_status = 409


class PasswordError(EcoError):
    """The password breaks a rule."""

    code = "regions.password"


def _ref(user: User) -> Ref:
    return Ref("user", str(user.pk))


def _plain(person: User) -> dict[str, Any]:
    return {
        "username": person.username,
        "name": person.name,
        "department": person.department_id,
        "post": person.post_id,
        "clearance": person.clearance,
        "active": person.is_active,
        **({"email": True} if person.email else {}),
        **({"service": True} if person.service else {}),
    }


def create_account(
    user: Any,
    *,
    username: str,
    name: str,
    department: Department | None = None,
    post: Post | None = None,
    clearance: str = User.Clearance.INTERNAL,
    must_change: bool = True,
    service: bool = False,
) -> tuple[User, str]:
    """A new account without any role. Returns the person and the generated password, which is shown once.

    service: the account of another system; it has no password ('') and works by keys only.

    Raises :class:`AccountError` for a bad or taken user name.
    """
    check(user, "regions.account.manage")
    username = username.strip()
    if not _USERNAME.fullmatch(username):
        raise AccountError(
            "账号名不符合规则。",
            f"bad user name {username!r}",
            where={"字段": "账号"},
            value=username,
            remedy_zh="应为 3 至 40 位字母、数字、点、横线或下划线，以字母或数字开头。",
        )
    name = typed.words(name)
    if not name:
        raise AccountError("姓名没有填写。", "empty name", where={"字段": "姓名"}, remedy_zh="请填写姓名。")
    password = "" if service else passwords.generate()
    try:
        with change(user.actor()) as tx:
            if User.objects.filter(username__iexact=username).exists():
                raise IntegrityError("username")
            person = User.objects.create_user(
                username,
                password or None,
                name=name,
                service=service,
                department=department,
                post=post,
                clearance=clearance,
                must_change_password=must_change and not service,
                password_changed_at=timezone.now(),
            )
            if password:
                PasswordHistory.objects.create(user=person, password=person.password)
            tx.log("regions.account.create", _ref(person), after=_plain(person))
    except IntegrityError as error:
        raise AccountError(
            "账号名已被使用。",
            f"user name {username!r} is taken",
            where={"字段": "账号"},
            value=username,
            remedy_zh="请换一个账号名。",
        ) from error
    return person, password


def update_account(
    user: Any,
    person: User,
    *,
    name: str = _UNSET,
    department: Department | None = _UNSET,
    post: Post | None = _UNSET,
    clearance: str = _UNSET,
    email: str = _UNSET,
) -> User:
    """Change the given fields of an account; what is left out stays."""
    check(user, "regions.account.manage")
    given = {"name": name, "department": department, "post": post, "clearance": clearance, "email": email}
    if email is not _UNSET and email:
        try:
            validate_email(email)
        except ValidationError as fault:
            raise AccountError("邮箱地址不正确。", "bad e-mail address", where={"字段": "邮箱"}, value=email[:60],
                               remedy_zh="应形如 name@example.org，或留空。") from fault  # fmt: skip
    with change(user.actor()) as tx:
        person = User.objects.select_for_update().get(pk=person.pk)
        before = _plain(person)
        for field, value in given.items():
            if value is not _UNSET:
                setattr(person, field, value)
        person.save()
        person.renew_rights()
        tx.log("regions.account.update", _ref(person), before=before, after=_plain(person))
    return person


def _set_active(user: Any, person: User, active: bool, action: str) -> User:
    check(user, "regions.account.manage")
    if user is not CONSOLE and user.pk == person.pk:
        raise AccountError("不能停用自己的账号。", "cannot deactivate oneself", remedy_zh="请由另一名系统管理员办理。")
    with change(user.actor()) as tx:
        person = User.objects.select_for_update().get(pk=person.pk)
        if person.is_active != active:
            tx.log(action, _ref(person), before={"active": person.is_active}, after={"active": active})
            person.is_active = active
            person.save(update_fields=["is_active"])
            person.renew_rights()
    return person


def deactivate(user: Any, person: User) -> User:
    """Close an account: open sessions end with their next request, nothing of the person's record is lost."""
    return _set_active(user, person, False, "regions.account.deactivate")


def activate(user: Any, person: User) -> User:
    """Open a closed account again."""
    return _set_active(user, person, True, "regions.account.activate")


def _store_password(tx: Change, person: User, password: str, *, must_change: bool, action: str) -> None:
    person.set_password(password)
    person.password_changed_at = timezone.now()
    person.must_change_password = must_change
    person.save(update_fields=["password", "password_changed_at", "must_change_password"])
    PasswordHistory.objects.create(user=person, password=person.password)
    kept = person.old_passwords.values_list("pk", flat=True)[: passwords.REMEMBERED]
    person.old_passwords.exclude(pk__in=list(kept)).delete()
    tx.log(action, _ref(person))


def reset_password(user: Any, person: User) -> str:
    """Give a new generated password (returned, shown once); the person must change it at the next sign-in."""
    check(user, "regions.account.manage")
    if person.service:
        raise AccountError("对接账号没有密码。", "a service account has no password", value=person.username,
                           remedy_zh="请为它建立接口密钥。")  # fmt: skip
    password = passwords.generate()
    with change(user.actor()) as tx:
        person = User.objects.select_for_update().get(pk=person.pk)
        _store_password(tx, person, password, must_change=True, action="regions.account.reset")
    if user is CONSOLE:
        reset_attempts(username=person.username)
    return password


def remove_device(user: Any, person: User) -> None:
    """Remove the person's one-time code devices (a lost telephone); done by the security administrator, who cannot
    set passwords, so that no single administrator can take over an account."""
    check(user, "regions.account.unlock")
    if user is not CONSOLE and user.pk == person.pk:
        raise Forbidden(
            "不能移除自己的动态口令设备。", "cannot remove one's own device", remedy_zh="请由另一名安全管理员办理。"
        )
    with change(user.actor()) as tx:
        count, _ = TOTPDevice.objects.filter(user=person).delete()
        if count:
            tx.log("regions.account.remove-device", _ref(person), after={"devices": count})


def change_own_password(user: User, old: str, new: str) -> User:
    """The person's own new password. Raises :class:`PasswordError` with the rule that is broken."""
    if not user.check_password(old):
        with change(user.actor()) as tx:
            tx.log("regions.password.refused", _ref(user), after={"reason": "old password wrong"})
        raise PasswordError("原密码不对。", "old password is wrong", where={"字段": "原密码"}, remedy_zh="请重新输入。")
    try:
        password_validation.validate_password(new, user)
    except ValidationError as error:
        raise PasswordError("".join(error.messages), "password breaks a rule", where={"字段": "新密码"}) from error
    with change(user.actor()) as tx:
        person = User.objects.select_for_update().get(pk=user.pk)
        _store_password(tx, person, new, must_change=False, action="regions.password.change")
    user.password, user.must_change_password = person.password, False
    user.password_changed_at = person.password_changed_at
    return user


def _refuse_mixture(person: User, role: Role) -> None:
    """The rule of the three administrators, for ``role`` joining the roles ``person`` holds."""
    held = list(person.grants.select_related("role").exclude(role=role))
    camps = {grant.role.camp for grant in held} | {role.camp}
    if len(camps) == 1 and (role.camp == Role.Camp.BUSINESS or not held):
        return
    names = "、".join(grant.role.label_zh for grant in held)
    raise SeparationError(
        f"“{role.label_zh}”不能与“{names}”由一人兼任。",
        f"role {role.code} excludes {[g.role.code for g in held]}",
        code="regions.separation",
        value=role.code,
        remedy_zh="系统、安全、审计三个管理员须由三人分任，且不兼业务角色。",
    )


def grant_role(user: Any, person: User, role: Role | str, *, valid_until: date | None = None) -> RoleGrant:
    """Give ``person`` a role, optionally until a last day.

    Raises :class:`SeparationError` when the three administrators or an administrator and a business role would meet in
    one person, and ``Forbidden`` when somebody grants to himself.
    """
    check(user, "regions.grant.manage")
    role = Role.objects.get(code=role) if isinstance(role, str) else role
    if user is not CONSOLE and user.pk == person.pk:
        raise Forbidden("不能给自己授权。", "nobody grants to himself", remedy_zh="请由另一名安全管理员办理。")
    with change(user.actor()) as tx:
        person_row = User.objects.select_for_update().get(pk=person.pk)
        _refuse_mixture(person_row, role)
        grant = RoleGrant.objects.filter(user=person_row, role=role).first()
        before = {"valid_until": grant.valid_until} if grant else None
        grant = grant or RoleGrant(user=person_row, role=role)
        grant.granter = None if user is CONSOLE else user
        grant.granted_at, grant.valid_until = timezone.now(), valid_until
        grant.save()
        tx.log("regions.grant.add", _ref(person), before, {"role": role.code, "valid_until": valid_until})
    person.rights_version = grant.user.rights_version
    return grant


def revoke_role(user: Any, person: User, role: Role | str) -> None:
    """Take a role away; nothing happens when the person does not hold it."""
    check(user, "regions.grant.manage")
    role = Role.objects.get(code=role) if isinstance(role, str) else role
    if user is not CONSOLE and user.pk == person.pk:
        raise Forbidden("不能变更自己的授权。", "nobody revokes his own role", remedy_zh="请由另一名安全管理员办理。")
    with change(user.actor()) as tx:
        grant = RoleGrant.objects.select_related("user").filter(user=person, role=role).first()
        if grant is None:
            return
        tx.log("regions.grant.remove", _ref(person), {"role": role.code, "valid_until": grant.valid_until})
        grant.delete()
        person.rights_version = grant.user.rights_version


def set_role_permission(user: Any, role: Role | str, code: str, held: bool) -> None:
    """Give a role a right or take it away (security administrator)."""
    check(user, "regions.grant.manage")
    role = Role.objects.get(code=role) if isinstance(role, str) else role
    if not PermissionCode.objects.filter(pk=code).exists():
        raise AccountError("没有这项权限。", f"unknown permission {code}", value=code, remedy_zh="请核对权限代码。")
    with change(user.actor()) as tx:
        row = RolePermission.objects.filter(role=role, code=code)
        if row.exists() == held:
            return
        if held:
            RolePermission.objects.create(role=role, code=code)
        else:
            row.delete()
        tx.log("regions.role.permission", Ref("role", role.code), {code: not held}, {code: held})
        renew_rights_of(User.objects.filter(grants__role=role))


def unlock(user: Any, *, username: str = "", address: str = "") -> int:
    """Lift the sign-in lock of a user name or an address; returns how many counters were cleared."""
    check(user, "regions.account.unlock")
    if not (username or address):
        raise AccountError("没有指明要解锁的账号或地址。", "nothing to unlock", remedy_zh="请选择一行。")
    wanted = {"username": username} if username else {"ip_address": address}
    with change(user.actor()) as tx:
        found = AccessAttempt.objects.filter(**wanted)
        count = found.count()
        if count == 0:
            raise Conflict("锁定已经解除。", f"no lock for {username or address}", value=username or address)
        found.delete()
        person = User.objects.filter(username=username).first() if username else None
        tx.log("regions.account.unlock", _ref(person) if person else Ref("lock", username or address), after=wanted)
    return count
