"""Password rules (GB/T 22239-2019, 8.1.4.1 a) and generation."""

from __future__ import annotations

import secrets
import string
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

REMEMBERED = 5
_LOWER = "abcdefghijkmnpqrstuvwxyz"
_UPPER = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS = "23456789"
_SIGNS = "-_=+@#%"


def classes_of(password: str) -> int:
    """How many of the four classes occur: lower case, upper case, digits, other characters."""
    pools = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
    signs = any(not any(char in pool for pool in pools) for char in password)
    return signs + sum(any(char in pool for char in password) for pool in pools)


def generate(length: int = 14) -> str:
    """A random password of all four classes, without characters that look alike."""
    if length < 10:
        raise ValueError("a password has at least 10 characters")
    pools = (_LOWER, _UPPER, _DIGITS, _SIGNS)
    chosen = [secrets.choice(pool) for pool in pools]
    chosen += [secrets.choice(_LOWER + _UPPER + _DIGITS) for _ in range(length - len(pools))]
    secrets.SystemRandom().shuffle(chosen)
    return "".join(chosen)


def max_age_days() -> int:
    """Days after which a password must be changed; 0 = never (setting PASSWORD_MAX_AGE_DAYS, default 90)."""
    return int(getattr(settings, "PASSWORD_MAX_AGE_DAYS", 90))


def expired(changed_at: datetime | None, now: datetime | None = None) -> bool:
    """Whether a password changed at ``changed_at`` is older than allowed; unknown age does not count as expired."""
    days = max_age_days()
    if changed_at is None or days <= 0:
        return False
    return (now or timezone.now()) - changed_at > timedelta(days=days)


def must_change(user: Any) -> bool:
    """Whether the person has to choose a new password before anything else."""
    return user.must_change_password or expired(user.password_changed_at)


class ThreeOfFourClasses:
    """At least three of: lower case, upper case, digits, signs; and the user name is no part of the password."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ``ValidationError`` with one clear sentence."""
        if classes_of(password) < 3:
            raise ValidationError(
                _("密码须含小写字母、大写字母、数字、符号四类中的至少三类。"), code="password_classes"
            )
        name = getattr(user, "username", "") or ""
        if name and name.casefold() in password.casefold():
            raise ValidationError(_("密码不能包含账号名。"), code="password_has_name")

    def get_help_text(self) -> str:
        """The rule as one sentence."""
        return _("密码须含小写字母、大写字母、数字、符号四类中的至少三类，且不含账号名。")


class NotRecentlyUsed:
    """The new password is none of the last five."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self.remembered = remembered

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ``ValidationError`` when one of the last passwords is used again."""
        if user is None or user.pk is None:
            return
        hashes = list(user.old_passwords.values_list("password", flat=True)[: self.remembered])
        if user.password and user.password not in hashes:
            hashes.append(user.password)
        if any(check_password(password, old) for old in hashes):
            raise ValidationError(
                _("不能使用最近 %(count)d 次用过的密码。"), code="password_reused", params={"count": self.remembered}
            )

    def get_help_text(self) -> str:
        """The rule as one sentence."""
        return _("不能使用最近 %(count)d 次用过的密码。") % {"count": self.remembered}
