"""The page on which the three administrators begin: what the checks found, what waits for them."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.utils import timezone

from ecocloud.base.jobs import drain
from ecocloud.base.jobs.models import Job
from ecocloud.kernel.regions.models import User
from ecocloud.web import health, home, state

pytestmark = pytest.mark.django_db
ADMINISTRATORS = ("sysadmin", "secadmin", "auditadmin")


@pytest.mark.parametrize("role", ADMINISTRATORS)
def test_administrators_begin_with_the_state_of_the_installation(client_for_role, role):
    client = client_for_role(role)
    assert client.get("/").url == "/state/"
    assert "尚未检查" in client.get("/state/").content.decode()


def test_a_check_asked_for_is_shown_what_needs_attention_first(client_for_role, monkeypatch):
    client = client_for_role("auditadmin")
    monkeypatch.setattr(health, "journal", lambda: ["留痕链头缺失，系统拒绝写入。"])
    asked = client.post("/state/")
    assert client.get(asked.url).status_code == 200  # its progress, to who asked
    assert drain(["web.check"]) == 1
    page = client.get("/state/")
    lines = page.context["known"].lines
    assert ("留痕", ["留痕链头缺失，系统拒绝写入。"]) in [tuple(line) for line in lines]
    assert [bool(line.found) for line in lines] == sorted((bool(line.found) for line in lines), reverse=True)
    assert page.context["known"].wrong == sum(bool(line.found) for line in lines)
    english = client.get("/state/?language=en").content.decode()
    assert "Separation of administrators" in english


def test_a_check_that_breaks_says_so_and_old_results_are_called_old(client_for_role, monkeypatch):
    client = client_for_role("sysadmin")

    def broken():
        raise OSError("disk")

    monkeypatch.setattr(health, "files", broken)
    client.post("/state/")
    drain(["web.check"])
    known = client.get("/state/").context["known"]
    assert ("附件", ["检查未能完成：OSError，详见服务器日志。"]) in [tuple(line) for line in known.lines]
    assert len(known.lines) > 10 and not known.old
    Job.objects.update(finished_at=timezone.now() - 2 * state.EVERY - timedelta(seconds=1))
    page = client.get("/state/")
    assert page.context["known"].old and "后台进程可能没有运行" in page.content.decode()


def test_each_number_of_an_administrator_opens_a_list_of_just_as_many(client_for_role):
    clients = {role: client_for_role(role) for role in ADMINISTRATORS}
    old = timezone.now() - timedelta(days=91)
    for name, seen in (("gone", None), ("late", old), ("here", timezone.now())):
        person = User.objects.create_user(username=name, name=name)
        User.objects.filter(pk=person.pk).update(created_at=old, last_seen=seen)
    User.objects.create_user(username="new", name="new")  # made today: not idle yet
    AccessAttempt.objects.create(username="gone", ip_address="10.0.0.9", failures_since_start=1, path_info="/")
    AccessAttempt.objects.create(username="late", ip_address="", failures_since_start=5, path_info="/")
    numbers = {}
    for role, client in clients.items():
        for line in home.counters(User.objects.get(username=f"test-{role}")):
            page = client.get(line["url"])
            shown = page.context["listing"].total if "listing" in page.context else len(page.context["locks"])
            assert shown == line["count"], line["url"]
            numbers[line["counter"].key] = line["count"]
    assert numbers == {"regions.idle": 2, "regions.bare": 4, "regions.locked": 1}
