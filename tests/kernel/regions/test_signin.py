"""Sign-in: lockout, second factor, forced password change, idle time-out, traces."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.regions import services, signin
from ecocloud.kernel.regions.models import User
from ecocloud.kernel.regions.services import CONSOLE

pytestmark = pytest.mark.django_db
OPEN_PAGE = "regions:account"


@pytest.fixture
def sign_in(client, password):
    """``sign_in(user)``: answer of the sign-in page."""

    def act(name, secret=password, browser=client, **more):
        return browser.post(reverse("regions:sign-in"), {"username": name, "password": secret}, **more)

    return act


def _token(device, drift=0):
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = timezone.now().timestamp() + drift * device.step
    return f"{totp.token():06d}"


def _actions(user):
    return list(Entry.objects.filter(ref_kind="user", ref_key=str(user.pk)).values_list("action", flat=True))


def test_the_page_and_the_way_in_and_out(client, make_user, sign_in):
    user = make_user("office")
    page = client.get(reverse("regions:sign-in"))
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"] or "no-cache" in page["Cache-Control"]
    assert sign_in(user.username).status_code == 302
    assert client.get(reverse(OPEN_PAGE)).status_code == 200
    assert client.get(reverse("regions:sign-out")).status_code in (405, 403)
    assert client.post(reverse("regions:sign-out")).status_code == 302
    assert client.get(reverse(OPEN_PAGE)).status_code == 302
    assert _actions(user)[-2:] == ["regions.signin", "regions.signout"]
    entry = Entry.objects.get(action="regions.signin")
    assert (entry.actor_id, entry.address) == (f"user:{user.pk}", "127.0.0.1")


def test_the_way_back_stays_on_the_site(client, make_user, password):
    user = make_user("office")
    for target, good in (("/regions/account", True), ("https://evil.example/", False), ("//evil.example", False)):
        browser = Client()
        answer = browser.post(
            reverse("regions:sign-in"), {"username": user.username, "password": password, "next": target}
        )
        assert (answer["Location"] == target) is good


def test_refusals_of_known_and_unknown_names(make_user, sign_in, monkeypatch):
    counted = []
    monkeypatch.setattr(signin, "count_refusal", lambda *what: counted.append(what))
    user = make_user("office")
    assert sign_in(user.username, "wrong").status_code == 401
    assert sign_in("no-such-person", "wrong").status_code == 401
    assert _actions(user)[-1] == "regions.signin.refused"
    assert counted == [("regions:sign-in", "unknown-user")]
    closed = make_user("office")
    services.deactivate(CONSOLE, closed)
    assert sign_in(closed.username).status_code == 401


def test_five_failures_lock_the_account_from_everywhere(make_user, sign_in, password):
    user = make_user("office")
    for number in range(5):
        answer = sign_in(user.username, "wrong", REMOTE_ADDR=f"10.0.0.{number}")
    assert answer.status_code == 429
    assert sign_in(user.username, REMOTE_ADDR="10.0.0.99").status_code == 429
    assert _actions(user).count("regions.signin.refused") == 4
    assert _actions(user).count("regions.signin.locked") == 1
    other = make_user("office")
    assert sign_in(other.username, REMOTE_ADDR="10.0.0.98").status_code == 302


def test_five_failures_lock_the_address_for_everybody(make_user, sign_in):
    user = make_user("office")
    for number in range(5):
        sign_in(f"guess-{number}", "wrong", REMOTE_ADDR="10.1.1.1")
    assert sign_in(user.username, REMOTE_ADDR="10.1.1.1").status_code == 429
    assert sign_in(user.username, REMOTE_ADDR="10.1.1.2").status_code == 302


def test_four_failures_do_not_lock_and_success_clears(make_user, sign_in):
    user = make_user("office")
    for _ in range(2):
        for _ in range(4):
            assert sign_in(user.username, "wrong").status_code == 401
        assert sign_in(user.username, browser=Client()).status_code == 302


def test_locks_end_after_a_quarter_of_an_hour_or_by_the_security_administrator(make_user, sign_in):
    from axes.models import AccessAttempt

    user = make_user("office")
    for number in range(5):
        sign_in(user.username, "wrong", REMOTE_ADDR=f"10.0.0.{number}")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    assert sign_in(user.username, REMOTE_ADDR="10.0.1.1").status_code == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert sign_in(user.username, REMOTE_ADDR="10.0.1.1").status_code == 302
    for number in range(5):
        sign_in(user.username, "wrong", REMOTE_ADDR=f"10.0.2.{number}", browser=Client())
    services.unlock(make_user("secadmin"), username=user.username)
    assert sign_in(user.username, REMOTE_ADDR="10.0.3.1", browser=Client()).status_code == 302


def test_no_password_is_kept_by_the_lockout(make_user, sign_in):
    from axes.models import AccessAttempt

    user = make_user("office")
    sign_in(user.username, "My-Secret-Guess-1")
    assert "My-Secret-Guess-1" not in "".join(AccessAttempt.objects.values_list("post_data", flat=True))


def test_first_sign_in_forces_a_new_password(client, make_user, sign_in, password):
    user = make_user("office")
    given_out = services.reset_password(CONSOLE, user)
    sign_in(user.username, given_out)
    answer = client.get(reverse(OPEN_PAGE))
    assert (answer.status_code, answer["Location"]) == (302, reverse("regions:password"))
    data = {"old": given_out, "new": "Fresh-celadon-31", "again": "Fresh-celadon-32"}
    assert client.post(reverse("regions:password"), data).status_code == 400
    data["again"] = data["new"]
    assert client.post(reverse("regions:password"), data).status_code == 302
    assert client.get(reverse(OPEN_PAGE)).status_code == 200


def test_expired_passwords_force_a_change(client, make_user, sign_in):
    user = make_user("office")
    sign_in(user.username)
    User.objects.filter(pk=user.pk).update(password_changed_at=timezone.now() - timedelta(days=91))
    assert client.get(reverse(OPEN_PAGE))["Location"] == reverse("regions:password")
    answer = client.get(reverse(OPEN_PAGE), headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (403, reverse("regions:password"))


def test_a_changed_password_ends_the_other_sessions(client, make_user, sign_in, password):
    user = make_user("office")
    other = Client()
    sign_in(user.username)
    sign_in(user.username, browser=other)
    services.reset_password(CONSOLE, user)
    assert other.get(reverse(OPEN_PAGE)).status_code == 302


def test_closing_an_account_ends_its_session(client, make_user, sign_in):
    user = make_user("office")
    sign_in(user.username)
    services.deactivate(CONSOLE, user)
    assert client.get(reverse(OPEN_PAGE)).status_code == 302


@pytest.mark.parametrize(("seconds", "inside"), [(1799, True), (1802, False)])
def test_idle_sessions_end(client, make_user, sign_in, settings, seconds, inside):
    settings.IDLE_TIMEOUT_SECONDS = 1800
    user = make_user("office")
    sign_in(user.username)
    session = client.session
    session[signin.SEEN_KEY] = timezone.now().timestamp() - seconds
    session.save()
    answer = client.get(reverse(OPEN_PAGE))
    if inside:
        assert answer.status_code == 200
    else:
        assert answer["Location"] == reverse("regions:sign-in") + "?idle=1"
        assert _actions(user)[-1] == "regions.signout"
        assert client.get(reverse("regions:sign-in") + "?idle=1").status_code == 200


def test_last_seen_is_written_at_most_once_a_minute(client, make_user, sign_in):
    user = make_user("office")
    sign_in(user.username)
    client.get(reverse(OPEN_PAGE))
    seen = User.objects.get(pk=user.pk).last_seen
    client.get(reverse(OPEN_PAGE))
    assert User.objects.get(pk=user.pk).last_seen == seen
    User.objects.filter(pk=user.pk).update(last_seen=seen - timedelta(seconds=61))
    client.get(reverse(OPEN_PAGE))
    assert User.objects.get(pk=user.pk).last_seen >= seen


@pytest.mark.parametrize("role", ["sysadmin", "secadmin", "auditadmin"])
def test_administrators_need_the_second_factor(client, make_user, sign_in, role):
    user = make_user(role)
    sign_in(user.username)
    assert client.get(reverse(OPEN_PAGE))["Location"] == reverse("regions:enrol")
    page = client.get(reverse("regions:enrol")).content.decode()
    assert "<svg" in page and "<script" not in page.split("<main")[1]
    device = TOTPDevice.objects.get(user=user, confirmed=False)
    assert client.post(reverse("regions:enrol"), {"token": "000"}).status_code == 200
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    client.post(reverse("regions:enrol"), {"token": _token(device)})
    assert client.get(reverse(OPEN_PAGE)).status_code == 200
    assert "regions.device.enrol" in _actions(user)

    again = Client()
    sign_in(user.username, browser=again)
    assert again.get(reverse(OPEN_PAGE))["Location"] == reverse("regions:second-step")
    assert again.get(reverse("regions:enrol"))["Location"] == reverse("regions:second-step")
    assert again.get(reverse("regions:password"))["Location"] == reverse("regions:second-step")
    device.refresh_from_db()
    used = again.post(reverse("regions:second-step"), {"token": _token(device)})
    assert used.status_code == 200, "a code works once"
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    again.post(reverse("regions:second-step"), {"token": _token(device, 1)})
    assert again.get(reverse(OPEN_PAGE)).status_code == 200
    assert "regions.signin.second-step" in _actions(user)


def test_wrong_codes_end_the_session(client, make_user, sign_in):
    user = make_user("office")
    TOTPDevice.objects.create(user=user, confirmed=True, name="x")
    sign_in(user.username)
    for _ in range(4):
        assert client.post(reverse("regions:second-step"), {"token": "000000"}).status_code == 200
    assert client.post(reverse("regions:second-step"), {"token": "abcdef"})["Location"] == reverse("regions:sign-in")
    assert client.get(reverse("regions:second-step")).status_code == 302
    assert _actions(user).count("regions.signin.code-refused") == 5


def test_a_lost_device_is_removed_by_the_security_administrator(make_user):
    user = make_user("sysadmin")
    TOTPDevice.objects.create(user=user, confirmed=True, name="x")
    services.remove_device(make_user("secadmin"), user)
    assert signin.device_of(user) is None
    assert _actions(user)[-1] == "regions.account.remove-device"


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("192.0.2.5", "203.0.113.9", "192.0.2.5"),
    ],
)
def test_only_our_proxies_are_believed(rf, settings, remote, forwarded, address):
    settings.TRUSTED_PROXIES = ["10.0.0.1", "10.0.0.2"]
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    assert signin.address_of(rf.get("/", headers=headers, REMOTE_ADDR=remote)) == address


def test_the_lock_counts_the_address_behind_the_proxy(make_user, sign_in, settings):
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    user = make_user("office")
    for number in range(5):
        sign_in(f"guess-{number}", "wrong", REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": "203.0.113.9"})
    blocked = sign_in(user.username, REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": "203.0.113.9"})
    assert blocked.status_code == 429
    assert (
        sign_in(user.username, REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": "203.0.113.10"}).status_code == 302
    )


def test_nobody_reads_the_trace_of_the_own_account(make_user, inside):
    security, other = make_user("secadmin"), make_user("office")
    browser = inside(security)
    assert list(browser.get(reverse("regions:person", args=[security.pk])).context["entries"]) == []
    assert list(browser.get(reverse("regions:person", args=[other.pk])).context["entries"]) != []
