"""API keys: who makes them, what they open, how they end. Expected values follow from the rules in the README."""

import json
from datetime import timedelta

import pytest
from django.core.cache import cache, caches
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ecocloud import cli
from ecocloud.base.errors import Forbidden
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.regions import keys, pages_keys, permissions, scope, services
from ecocloud.kernel.regions.keys import KeyLimit, KeyRefused, KeyScope
from ecocloud.kernel.regions.models import ApiKey, Department, User
from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.regions.services.accounts import AccountError

pytestmark = pytest.mark.django_db
INDICATORS = "/api/evidence/indicators"


def last_day(days=30):
    return timezone.localdate() + timedelta(days=days)


def bearer(token):
    return {"HTTP_AUTHORIZATION": f"Bearer {token}"}


@pytest.fixture
def machine(place, make_user):
    """The account of another system of the eastern county, with the role of a department."""
    user, password = services.create_account(
        CONSOLE, username="east-feed", name="东山区平台", department=place.east_ecology, service=True
    )
    assert password == ""
    services.grant_role(CONSOLE, user, "department")
    return User.objects.get(pk=user.pk)


@pytest.fixture
def issue(machine):
    """``issue("evidence:read")``: ``(row, key)`` for the machine."""
    cache.clear()
    caches["shared"].clear()

    def make(*scopes, owner=machine, user=CONSOLE, **more):
        given = {"name": "数据对接", "scopes": scopes, "expires_on": last_day()} | more
        return services.issue_key(user, owner, **given)

    return make


# -- pure --------------------------------------------------------------------------------------------------------------


def test_a_key_has_256_random_bits_and_only_its_digest_is_kept():
    head, token = keys.make()
    assert keys.head_of(token) == head and len(head) == 10
    assert len(token.removeprefix(f"eco_{head}_")) == 43  # 32 bytes in base64 without padding
    assert keys.digest_of(token) != keys.digest_of(token[:-1]) and len(keys.digest_of(token)) == 64


# SHA-256 of "abc": FIPS 180-4, the example of the standard.
def test_digest_is_sha256():
    assert keys.digest_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize("text", ["", "eco_", "eco_abcdefghij_short", "eco_ABCDEFGHIJ_" + "a" * 43, "x" * 58])
def test_what_is_no_key_has_no_head(text):
    assert keys.head_of(text) == ""


names = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)


@given(names, st.one_of(st.just(""), names), st.booleans())
def test_a_scope_is_read_as_it_is_written(room, part, write):
    one = KeyScope(room, part, write)
    assert KeyScope.parse(str(one)) == one


@pytest.mark.parametrize(
    "text", ["registers", "registers:delete", "registers/:read", "/outfall:read", "Registers:read"]
)
def test_what_is_no_scope_is_refused(text):
    with pytest.raises(KeyRefused):
        KeyScope.parse(text)


@pytest.mark.parametrize(
    ("scopes", "permission", "opens"),
    [
        (["registers:read"], "registers.object.view", True),
        (["registers:read"], "registers.object.edit", False),
        (["registers:write"], "registers.object.view", True),
        (["registers:write"], "registers.object.edit", True),
        (["registers/outfall:write"], "registers.object.edit", True),
        (["evidence:write"], "registers.object.view", False),
        ([], "registers.object.view", False),
    ],
)
def test_a_scope_opens_rights_of_its_room(scopes, permission, opens):
    assert KeyLimit.of(scopes).permits(permission) is opens


def test_a_part_of_a_room_opens_nothing_beside_it():
    limit = KeyLimit.of(["registers/outfall:write", "registers/well:read"])
    opened = [(part, write) for part in ("outfall", "well", "lake") for write in (False, True)
              if limit.reaches("registers", part, write)]  # fmt: skip
    assert opened == [("outfall", False), ("outfall", True), ("well", False)]


# -- issuing -----------------------------------------------------------------------------------------------------------


def test_the_key_is_nowhere_in_the_database_or_journal(issue, machine):
    row, token = issue("evidence:read")
    secret = token.rpartition("_")[2]
    entry = Entry.objects.get(action="regions.key.issue")
    assert json.loads(entry.after)["scopes"] == ["evidence:read"] and entry.ref_key == str(machine.pk)
    everything = json.dumps([list(map(str, row)) for row in ApiKey.objects.values_list()]) + entry.after + entry.note
    assert secret not in everything and row.digest == keys.digest_of(token)


def test_persons_make_their_own_keys_and_administrators_those_of_service_accounts(place, make_user, machine, issue):
    clerk = make_user("department", department=place.water)
    other = make_user("department", department=place.ecology)
    system, security = make_user("sysadmin"), make_user("secadmin")
    assert issue("evidence:read", owner=clerk, user=clerk)[0].user == clerk
    assert issue("evidence:read", user=system)[0].user == machine
    for user, owner in ((other, clerk), (system, clerk), (security, machine), (clerk, machine)):
        with pytest.raises(Forbidden):
            issue("evidence:read", owner=owner, user=user)
    for owner in (system, security):
        with pytest.raises((KeyRefused, Forbidden)):
            issue("evidence:read", owner=owner, user=owner)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "}, {"name": "字" * 61}, {"scopes": []}, {"scopes": ["nowhere:read"]},
        {"scopes": ["evidence/x:read"]},
        {"expires_on": last_day(-1)}, {"expires_on": last_day(367)}, {"per_minute": 0}, {"per_minute": 6001},
    ],
)  # fmt: skip
def test_what_a_key_may_not_be(issue, wrong):
    with pytest.raises(KeyRefused) as refused:
        issue(*wrong.get("scopes", ["evidence:read"]), **{k: v for k, v in wrong.items() if k != "scopes"})
    assert refused.value.where and refused.value.remedy_zh
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("days", [0, 366])
def test_the_first_and_the_longest_day(issue, days):
    assert issue("evidence:read", expires_on=last_day(days))[0].in_force()


def test_service_accounts_never_sign_in(client, machine, password):
    assert not machine.has_usable_password()
    with pytest.raises(AccountError):
        services.reset_password(CONSOLE, machine)
    for given_password in ("", password):
        client.post("/regions/sign-in", {"username": "east-feed", "password": given_password})
        assert "_auth_user_id" not in client.session


# -- calling -----------------------------------------------------------------------------------------------------------


def test_a_key_calls_as_its_account_and_writes_when_it_was_used_once_a_minute(client, issue, machine, monkeypatch):
    row, token = issue("evidence:read")
    answer = client.get(INDICATORS, **bearer(token))
    assert (answer.status_code, answer.json()) == (200, [])  # no indicator is loaded here
    assert "sessionid" not in answer.cookies
    row.refresh_from_db()
    machine.refresh_from_db()
    first = row.last_used_at
    assert first and machine.last_seen == first and row.last_address == "127.0.0.1"
    client.get(INDICATORS, **bearer(token))
    row.refresh_from_db()
    assert row.last_used_at == first
    ApiKey.objects.update(last_used_at=first - timedelta(seconds=61))
    client.get(INDICATORS, **bearer(token))
    row.refresh_from_db()
    assert row.last_used_at > first


def test_bad_keys_are_refused_as_problems_and_never_taken_for_a_session(client, inside, issue, make_user, place):
    _, token = issue("evidence:read")
    browser = inside(make_user("office", department=place.office))
    assert browser.get(INDICATORS).status_code == 200
    for bad in ("", "x", token[:-1] + ("a" if token[-1] != "a" else "b"), "eco_aaaaaaaaaa_" + "a" * 43):
        answer = browser.get(INDICATORS, **bearer(bad))
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json"), bad
        assert answer.json()["code"] == "regions.key" and answer["WWW-Authenticate"].startswith("Bearer")


def test_expired_revoked_and_closed(client, issue, machine):
    row, token = issue("evidence:read")

    def status():
        return client.get(INDICATORS, **bearer(token)).status_code

    assert status() == 200
    ApiKey.objects.update(expires_on=last_day(-1))
    assert status() == 401
    ApiKey.objects.update(expires_on=last_day(0))
    assert status() == 200
    services.deactivate(CONSOLE, machine)
    assert status() == 401
    services.activate(CONSOLE, machine)
    with pytest.raises(KeyRefused):
        services.revoke_key(CONSOLE, row, reason=" ")
    services.revoke_key(CONSOLE, row, reason="系统下线")
    assert status() == 401
    assert Entry.objects.filter(action="regions.key.revoke", note="系统下线").count() == 1


def test_a_key_opens_no_page(client, issue):
    _, token = issue("evidence:write")
    answer = client.get("/regions/account", **bearer(token))
    assert answer.status_code == 302 and "/sign-in" in answer["Location"]


def test_a_key_narrows_and_never_widens(client, issue, machine):
    _, reading = issue("duties:read")
    refused = client.get(INDICATORS, **bearer(reading))
    assert refused.status_code == 403 and refused["X-Refused-By"] == "access"
    assert refused.json()["detail"] == "missing permission evidence.indicator.view"
    services.revoke_role(CONSOLE, machine, "department")
    _, whole = issue("evidence:write")
    assert client.get(INDICATORS, **bearer(whole)).status_code == 403


def test_a_reading_key_changes_nothing_even_where_the_route_asks_only_for_the_right_to_see(client, issue):
    _, token = issue("duties:read")
    sent = json.dumps({"action": "sign", "version": 1})
    answer = client.post("/api/duties/items/1/act", sent, content_type="application/json", **bearer(token))
    assert answer.status_code == 403 and answer["X-Refused-By"] == "access"
    _, writing = issue("duties:write")
    answer = client.post("/api/duties/items/1/act", sent, content_type="application/json", **bearer(writing))
    assert "X-Refused-By" not in answer


def test_the_data_scope_is_that_of_the_account(place, machine):
    machine.key_limit = KeyLimit.of(["evidence:read"])
    seen = set(scope.departments_in_scope(machine, "evidence.indicator.view"))
    assert seen == {place.east_ecology}
    assert not scope.departments_in_scope(machine, "duties.item.view").exists()
    assert permissions.rights(machine).permissions == {"evidence.indicator.view"}


def test_an_administrator_has_no_right_by_a_key(make_user):
    admin = make_user("sysadmin")
    admin.key_limit = KeyLimit.of(["regions:write"])
    assert permissions.rights(admin).permissions == frozenset()


def test_keys_need_no_csrf_token_and_sessions_do(issue, make_user, place):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    _, token = issue("evidence:write")
    body = json.dumps({"indicator": "nothing", "region": "0", "period": "2026", "source": "doc:1"})
    answer = strict.post("/api/evidence/observations", body, content_type="application/json", **bearer(token))
    assert answer.status_code == 404  # past the guards: there is no such indicator
    strict.force_login(make_user("office", department=place.office))
    assert strict.post("/api/evidence/observations", body, content_type="application/json").status_code == 403


def test_calls_above_the_rate_wait(client, issue, monkeypatch):
    _, token = issue("evidence:read", per_minute=3)
    now = timezone.now().replace(second=5, microsecond=0)
    monkeypatch.setattr("ecocloud.kernel.regions.key_access.timezone.now", lambda: now)
    assert [client.get(INDICATORS, **bearer(token)).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = client.get(INDICATORS, **bearer(token))
    assert refused.json()["code"] == "regions.rate" and refused["Retry-After"] == "55"
    later = now + timedelta(seconds=55)
    monkeypatch.setattr("ecocloud.kernel.regions.key_access.timezone.now", lambda: later)
    assert client.get(INDICATORS, **bearer(token)).status_code == 200


def test_the_journal_names_the_key(issue, machine):
    row, _ = issue("evidence:write")
    machine.key_head = row.head
    assert machine.actor().name == f"东山区平台（密钥 {row.head}）"


# -- pages and command -------------------------------------------------------------------------------------------------


def test_an_administrator_makes_a_service_account_and_its_key_and_revokes_it(inside, make_user, place):
    browser = inside(make_user("sysadmin"))
    empty = browser.get("/regions/keys/new").content.decode()
    assert "还没有对接账号" in empty and "service=1" in empty
    made = browser.post("/regions/people/new", {
        "username": "feed", "name": "某平台", "service": "1", "department": place.water.pk}, follow=True)  # fmt: skip
    assert "对接账号已建立" in made.content.decode() and "重置密码" not in made.content.decode()
    form = {"owner": "feed", "name": "报送", "expires_on": last_day().isoformat(), "per_minute": "60",
            "room_evidence": "read"}  # fmt: skip
    shown = browser.post("/regions/keys/new", form)
    row = ApiKey.objects.get()
    assert f"eco_{row.head}_" in shown.content.decode() and "no-store" in shown["Cache-Control"]
    assert (row.scopes, row.per_minute, row.user.username) == (["evidence:read"], 60, "feed")
    listed = browser.get("/regions/keys").content.decode()
    assert "报送" in listed and f"eco_{row.head}_…" in listed and row.digest not in listed
    browser.post(f"/regions/keys/{row.pk}/revoke", {"reason": "停用测试"})
    row.refresh_from_db()
    assert row.revoked_at and row.revoke_reason == "停用测试"
    kept = browser.post("/regions/keys/new", form | {"room_evidence": "", "name": "保留的用途"})
    assert kept.status_code == 400 and "请选择密钥的范围" in kept.content.decode()
    assert "保留的用途" in kept.content.decode()


def test_scopes_are_told_in_words():
    names = {"registers/outfall": "入河排污口"}
    assert pages_keys.scope_words(["registers/outfall:read", "evidence:write"], names) == (
        "名录与台账 入河排污口（只读）、指标与证据（读写）"
    )
    assert pages_keys.part_names([["evidence:read"]]) == {}


def test_a_person_keeps_own_keys_and_sees_nobody_elses(inside, make_user, place, issue):
    person, other = make_user("department", department=place.water), make_user("office", department=place.office)
    strange, _ = issue("evidence:read", owner=other, user=other)
    browser = inside(person)
    form = {"name": "报表", "expires_on": last_day().isoformat(), "per_minute": "60", "room_evidence": "write"}
    shown = browser.post("/regions/account/keys", form).content.decode()
    row = ApiKey.objects.get(user=person)
    assert f"eco_{row.head}_" in shown and row.scopes == ["evidence:write"]
    page = browser.get("/regions/account/keys").content.decode()
    assert row.head in page and strange.head not in page
    assert browser.post(f"/regions/account/keys/{strange.pk}/revoke", {"reason": "x"}).status_code == 404
    browser.post(f"/regions/account/keys/{row.pk}/revoke", {"reason": "不用了"})
    row.refresh_from_db()
    assert row.revoked_by == person


def test_the_command_lists_creates_and_revokes(machine, capsys):
    assert cli.main(["keys", "create", "east-feed", "对接", "evidence:read", "duties:write", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert keys.head_of(made["key"]) == made["head"]
    assert cli.main(["keys", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(row["head"], row["scopes"]) for row in listed] == [(made["head"], ["duties:write", "evidence:read"])]
    assert made["key"] not in json.dumps(listed)
    assert cli.main(["keys", "revoke", made["head"], "下线"]) == 0
    capsys.readouterr()
    assert cli.main(["keys", "list"]) == 0 and capsys.readouterr().out.strip() == "没有密钥。"
    assert cli.main(["keys", "create", "nobody", "对接", "evidence:read"]) == 1


def test_a_department_of_a_closed_account_keeps_its_keys_on_record(machine, issue):
    row, _ = issue("evidence:read")
    with pytest.raises(Exception, match="protected|PROTECT|referenced"):
        machine.delete()
    assert ApiKey.objects.filter(pk=row.pk).exists() and Department.objects.filter(pk=machine.department_id).exists()
