"""Accounts, separated administrators, passwords (GB/T 22239-2019 8.1.4.1 and 8.1.4.2)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ecocloud.base.errors import Forbidden
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.regions import counts, passwords, permissions, services
from ecocloud.kernel.regions.models import PermissionCode, Role, RoleGrant, RolePermission, User
from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.regions.services.accounts import AccountError, PasswordError, SeparationError

pytestmark = pytest.mark.django_db
ADMINISTRATORS = ("sysadmin", "secadmin", "auditadmin")


@pytest.mark.parametrize("first", ADMINISTRATORS)
@pytest.mark.parametrize("second", [*ADMINISTRATORS, "office", "reader"])
def test_administrators_are_exclusive(make_user, first, second):
    if first == second:
        return
    for one, other in ((first, second), (second, first)):
        user = make_user(one, username=f"{one}-then-{other}")
        with pytest.raises(SeparationError) as caught:
            services.grant_role(CONSOLE, user, other)
        assert caught.value.value == other
        assert [grant.role.code for grant in user.grants.all()] == [one]


def test_business_roles_may_meet(make_user):
    user = make_user("department", "reader")
    assert {role.code for role in permissions.rights(user).roles} == {"department", "reader"}
    services.grant_role(CONSOLE, user, "reader")
    assert user.grants.count() == 2


def test_the_database_refuses_two_administrator_roles(make_user):
    user = make_user("sysadmin")
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.create(user=user, role=Role.objects.get(code="auditadmin"))


def test_a_forced_mixture_has_no_rights_at_all(make_user):
    user = make_user("sysadmin")
    assert permissions.allowed(user, "regions.account.manage")
    RoleGrant.objects.create(user=user, role=Role.objects.get(code="office"))
    user.refresh_from_db()
    assert permissions.rights(user) == permissions.NO_RIGHTS
    assert any(user.username in sentence for sentence in counts.check_separation())


def test_who_may_do_what(make_user):
    system, security, audit = (make_user(code) for code in ADMINISTRATORS)
    person, _ = services.create_account(system, username="new.one", name="新人")
    for user in (system, audit):
        with pytest.raises(Forbidden):
            services.grant_role(user, person, "office")
    for user in (security, audit):
        with pytest.raises(Forbidden):
            services.create_account(user, username="other", name="人")
        with pytest.raises(Forbidden):
            services.reset_password(user, person)
    services.grant_role(security, person, "office")
    person.refresh_from_db()
    assert permissions.allowed(person, "regions.unit.settle")
    with pytest.raises(Forbidden):
        services.remove_device(system, person)
    with pytest.raises(Forbidden):
        services.grant_role(security, security, "office")
    with pytest.raises(AccountError):
        services.deactivate(system, system)


def test_administrators_hold_no_business_right(make_user):
    business = set(
        RolePermission.objects.filter(
            role__code__in=["office", "department", "township", "leader", "reader"]
        ).values_list("code", flat=True)
    )
    shared = {"regions.department.view", "web.gallery.view"}
    for code in ADMINISTRATORS:
        assert permissions.rights(make_user(code)).permissions & business <= shared


def test_rights_change_at_once(make_user):
    user, same = make_user("reader"), None
    assert not permissions.allowed(user, "regions.unit.settle")
    same = User.objects.get(pk=user.pk)
    services.grant_role(CONSOLE, same, "office")
    assert permissions.allowed(User.objects.get(pk=user.pk), "regions.unit.settle")
    services.set_role_permission(CONSOLE, "office", "regions.unit.settle", False)
    assert not permissions.allowed(User.objects.get(pk=user.pk), "regions.unit.settle")
    services.set_role_permission(CONSOLE, "office", "regions.unit.settle", True)
    services.revoke_role(CONSOLE, user, "office")
    assert not permissions.allowed(User.objects.get(pk=user.pk), "regions.unit.settle")
    services.deactivate(CONSOLE, user)
    assert permissions.rights(User.objects.get(pk=user.pk)) == permissions.NO_RIGHTS


def test_sync_keeps_what_the_security_administrator_decided(roles):
    services.set_role_permission(CONSOLE, "office", "regions.unit.view", False)
    assert services.sync_roles() == 0
    assert not RolePermission.objects.filter(role__code="office", code="regions.unit.view").exists()
    PermissionCode.objects.create(code="gone.thing.view", room="gone", label_zh="旧")
    RolePermission.objects.create(role=Role.objects.get(code="office"), code="gone.thing.view")
    services.sync_roles()
    assert not RolePermission.objects.filter(code="gone.thing.view").exists()
    PermissionCode.objects.filter(code="regions.unit.view").delete()
    assert services.sync_roles() == 1
    assert RolePermission.objects.filter(role__code="office", code="regions.unit.view").exists()


@pytest.mark.parametrize("name", ["", "ab", "有中文", "a b c", "-abc", "x" * 41])
def test_bad_user_names(roles, name):
    with pytest.raises(AccountError) as caught:
        services.create_account(CONSOLE, username=name, name="人")
    assert caught.value.where == {"字段": "账号"}


def test_user_names_are_taken_whatever_their_case(make_user):
    make_user(username="Same")
    with pytest.raises(AccountError):
        services.create_account(CONSOLE, username="same", name="人")


def test_every_change_is_journalled_and_no_password_is_kept(make_user, password):
    user = make_user("office")
    given_out = services.reset_password(CONSOLE, user)
    services.change_own_password(User.objects.get(pk=user.pk), given_out, "Another-pass-77")
    actions = list(Entry.objects.filter(ref_kind="user", ref_key=str(user.pk)).values_list("action", flat=True))
    assert actions == [
        "regions.account.create",
        "regions.grant.add",
        "regions.account.reset",
        "regions.password.change",
    ]
    text = "".join(f"{e.before}{e.after}{e.note}" for e in Entry.objects.all())
    assert given_out not in text and "Another-pass-77" not in text


@given(st.integers(10, 40))
def test_generated_passwords_satisfy_the_rules(length):
    made = passwords.generate(length)
    assert len(made) == length and passwords.classes_of(made) == 4
    passwords.ThreeOfFourClasses().validate(made, User(username="somebody"))


@pytest.mark.parametrize(
    ("text", "classes"),
    [("", 0), ("abc", 1), ("abcDEF", 2), ("abc123", 2), ("abcD1", 3), ("abc-1", 3), ("aB1-", 4), ("密码密码", 1)],
)
def test_classes(text, classes):
    assert passwords.classes_of(text) == classes


def _change(user, new, old):
    return services.change_own_password(User.objects.get(pk=user.pk), old, new)


@pytest.mark.parametrize(
    "bad",
    ["Ab1-short", "onlylowercase", "lower1234567", "Li.ming-2026x", "Password123"],
    ids=["nine characters", "one class", "two classes", "has the user name", "common"],
)
def test_bad_passwords(make_user, password, bad):
    user = make_user("office", username="li.ming")
    with pytest.raises(PasswordError):
        _change(user, bad, password)
    assert User.objects.get(pk=user.pk).check_password(password)


def test_ten_characters_of_three_classes_are_enough(make_user, password):
    user = make_user("office")
    _change(user, "Qzvbnm7654", password)
    assert User.objects.get(pk=user.pk).check_password("Qzvbnm7654")


def test_the_last_five_passwords_are_refused_the_sixth_is_free(make_user, password):
    user = make_user("office")
    used = [f"Celadon-ridge-{n}{n}" for n in range(1, 7)]
    old = password
    for new in used:
        _change(user, new, old)
        old = new
    for again in used[1:]:
        with pytest.raises(PasswordError):
            _change(user, again, old)
    _change(user, used[0], old)
    assert user.old_passwords.count() == passwords.REMEMBERED


def test_a_wrong_old_password_is_refused_and_journalled(make_user):
    user = make_user("office")
    with pytest.raises(PasswordError):
        _change(user, "Another-pass-77", "nonsense")
    assert Entry.objects.filter(action="regions.password.refused").count() == 1


@pytest.mark.parametrize(("days", "gone"), [(89, False), (90, False), (91, True)])
def test_passwords_expire(days, gone, settings):
    settings.PASSWORD_MAX_AGE_DAYS = 90
    now = timezone.now()
    assert passwords.expired(now - timedelta(days=days), now) is gone
    settings.PASSWORD_MAX_AGE_DAYS = 0
    assert passwords.expired(now - timedelta(days=days), now) is False


def test_reused_password_rule_alone(make_user, password):
    user = make_user("office")
    with pytest.raises(ValidationError):
        passwords.NotRecentlyUsed().validate(password, user)
    passwords.NotRecentlyUsed().validate(password, None)


def test_idle_accounts_are_reported(make_user):
    user = make_user("office")
    assert counts.check_idle_accounts() == []
    long_ago = timezone.now() - timedelta(days=91)
    User.objects.filter(pk=user.pk).update(created_at=long_ago, last_seen=long_ago)
    assert "1 个账号" in counts.check_idle_accounts()[0]
    User.objects.filter(pk=user.pk).update(last_seen=timezone.now())
    assert counts.check_idle_accounts() == []
