"""The public page: closed until the installation publishes, the same for everybody, no script needed, not too often."""

from __future__ import annotations

import pytest
from django.core.cache import cache, caches
from django.urls import reverse

from ecocloud.base.limiting import Rate
from ecocloud.base.rooms import PublicPanel
from ecocloud.kernel.regions.models import Region
from ecocloud.web import public
from ecocloud.web.middleware import POLICY
from ecocloud.web.models import Site

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(settings, kept):
    """An installation for a division that publishes."""
    _forget()
    settings.PUBLIC = True
    region = Region.objects.get_or_create(code="360800", defaults={"name": "甲市", "level": "city"})[0]
    Site.objects.update_or_create(pk=1, defaults={"name": "试验站", "region": region})
    yield region
    _forget()


def _forget():
    cache.clear()
    caches["shared"].clear()


def panel(monkeypatch, data):
    one = PublicPanel("t", "试验栏", "Test panel", "tests.web.test_public.given", "monitoring/_period.html")
    monkeypatch.setattr(public, "all_rooms", lambda: (type("Room", (), {"public": (one,)}),))
    monkeypatch.setattr(public, "load", lambda _dotted: lambda _region: data)
    monkeypatch.setattr(public, "render_to_string", lambda _name, context: f"<p>{context['said']}</p>")


def test_closed_until_the_installation_publishes(client, settings, db):
    cache.clear()
    settings.PUBLIC = False
    answer = client.get(reverse("web:public"))
    assert answer.status_code == 404 and "没有公开" in answer.content.decode()
    Site.objects.update_or_create(pk=1, defaults={"name": "样例", "is_sample": True})
    assert client.get(reverse("web:public")).status_code == 200


def test_panels_without_an_account(client, opened, monkeypatch):
    panel(monkeypatch, {"said": "今日良好"})
    answer = client.get(reverse("web:public"))
    page = answer.content.decode()
    assert "试验栏" in page and "今日良好" in page and "本栏更新于" in page
    assert answer["Content-Security-Policy"] == POLICY and answer["Cache-Control"] == "public, max-age=60"
    assert "csrfmiddlewaretoken" not in page and "sessionid" not in answer.cookies
    assert client.post(reverse("web:public")).status_code == 405
    assert "Test panel" in client.get(reverse("web:public"), {"language": "en"}).content.decode()


def test_a_panel_with_nothing_to_show_is_left_out(client, opened, monkeypatch):
    panel(monkeypatch, None)
    page = client.get(reverse("web:public")).content.decode()
    assert "试验栏" not in page and "还没有可公开的结果" in page


def test_panels_are_made_once_for_all(opened, monkeypatch):
    made = []
    monkeypatch.setattr(public, "_made", lambda *given: made.append(given) or [{"key": "t"}])
    assert public.panels(opened) == public.panels(opened) and len(made) == 1


def test_one_address_may_not_ask_too_often(client, opened, monkeypatch):
    monkeypatch.setattr(public, "RATE", Rate("web.public", 2, 60))
    monkeypatch.setattr(public, "panels", lambda _region: [])
    url = reverse("web:public")
    answers = [client.get(url, REMOTE_ADDR="192.0.2.7").status_code for _ in range(4)]
    assert answers == [200, 200, 429, 429]
    assert client.get(url, REMOTE_ADDR="192.0.2.8").status_code == 200
