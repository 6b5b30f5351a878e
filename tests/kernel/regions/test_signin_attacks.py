"""Ways around the lockout and ways to break the sign-in pages."""

import pytest
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from ecocloud.kernel.regions import signin

pytestmark = pytest.mark.django_db


def _try(name, secret, address, browser=None):
    data = {"username": name, "password": secret}
    return (browser or Client()).post(reverse("regions:sign-in"), data, REMOTE_ADDR=address).status_code


def test_an_own_account_does_not_clear_the_guesses_at_another(make_user, password):
    """Four guesses, one sign-in with the own account, four guesses ... must not go on for ever."""
    victim, guesser = make_user("office"), make_user("office")
    answers = []
    for _ in range(2):
        answers += [_try(victim.username, "wrong", "10.0.0.1") for _ in range(4)]
        _try(guesser.username, password, "10.0.0.1")
    assert answers[:4] == [401] * 4 and answers[4] == 429
    assert _try(victim.username, password, "10.9.9.9") == 429, "the account is locked wherever the guesses came from"


def test_capitals_and_blanks_are_no_fresh_attempts(make_user, password):
    victim = make_user("office")
    names = [victim.username, f" {victim.username}", f"{victim.username} ", victim.username, victim.username]
    answers = [_try(name, "wrong", f"10.0.1.{number}") for number, name in enumerate(names)]
    assert answers == [401] * 4 + [429]
    # Another spelling is another name: it opens nothing.
    assert _try(victim.username.upper(), password, "10.0.2.1") == 401 or victim.username.upper() == victim.username


@pytest.mark.parametrize("name", ["a\x00b", "\x00", "x" * 10_000, "office\ud800", "' OR 1=1 --", ""])
def test_no_name_breaks_the_page(make_user, name):
    make_user("office")
    data = f"username={__import__('urllib.parse').parse.quote(name.encode('utf-8', 'surrogatepass'))}&password=x%00y"
    answer = Client().post(reverse("regions:sign-in"), data, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (400, 401)


def test_the_session_key_changes_at_sign_in(make_user, password):
    user, browser = make_user("office"), Client()
    session = browser.session
    session["planted"] = "1"
    session.save()
    browser.cookies["sessionid"] = session.session_key
    assert _try(user.username, password, "10.0.3.1", browser) == 302
    assert browser.cookies["sessionid"].value != session.session_key
    stolen = Client()
    stolen.cookies["sessionid"] = session.session_key
    assert stolen.get(reverse("regions:account")).status_code == 302


def test_two_started_enrolments_do_not_lock_the_person_out(make_user, inside):
    user = make_user("office")
    for number in range(2):
        TOTPDevice.objects.create(user=user, confirmed=False, name=str(number))
    assert signin.pending_device(user).pk == min(TOTPDevice.objects.values_list("pk", flat=True))
    assert inside(user).get(reverse("regions:enrol")).status_code == 200


def test_a_proxy_list_with_blanks_is_understood(rf, settings):
    settings.TRUSTED_PROXIES = ["10.0.0.1", "10.0.0.2"]
    request = rf.get("/", headers={"x-forwarded-for": "203.0.113.9,  10.0.0.2"}, REMOTE_ADDR="10.0.0.1")
    assert signin.address_of(request) == "203.0.113.9"
