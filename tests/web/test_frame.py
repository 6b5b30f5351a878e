"""The frame around every page: it leads only to pages that open, and speaks the language of the page."""

import re

import pytest

from tests.web.test_permissions import roles

pytestmark = pytest.mark.django_db
FRAME = re.compile(r"<main.*?</main>", re.S)
LINK = re.compile(r'(?:href|action)="(/[^"#?]*)')


def _frame(client):
    """The words of the first page this client is led to, without its middle; and the address."""
    page = client.get("/", follow=True)
    assert page.status_code == 200
    return FRAME.sub("", page.content.decode())


@pytest.mark.parametrize("role", roles())
def test_no_link_of_the_frame_leads_to_a_refusal(role, client_for_role):
    client = client_for_role(role)
    links = {link for link in LINK.findall(_frame(client)) if not link.startswith("/static/")}
    assert len(links) > 3
    refused = {
        link for link in links - {"/regions/sign-out"} if client.get(link, follow=True).status_code in (403, 404)
    }
    assert refused == set()


def test_search_and_desk_are_offered_to_those_who_may_open_them(client_for_role):
    assert 'action="/search/"' in _frame(client_for_role("office"))
    frame = _frame(client_for_role("sysadmin"))
    assert 'action="/search/"' not in frame and 'href="/desk/"' not in frame


def test_a_refusal_is_in_the_language_of_the_page(client_for_role):
    client = client_for_role("sysadmin")
    assert "您没有打开此页面的权限。" in client.get("/desk/").content.decode()
    english = client.get("/desk/?language=en")
    assert english.status_code == 403
    main = re.search(r"<main.*?</main>", english.content.decode(), re.S).group()
    assert "You have no permission to open this page." in main
    assert not re.search(r"[\u4e00-\u9fff]", main)


def test_only_a_site_without_a_name_of_its_own_is_called_by_the_product(client_for_role):
    from ecocloud.web.models import Site

    client = client_for_role("office")
    Site.objects.update_or_create(pk=1, defaults={"name": "生态云"})
    assert "Desk · EcoCloud</title>" in client.get("/desk/?language=en").content.decode()
    Site.objects.update(name="甲市生态云")
    assert "Desk · 甲市生态云</title>" in client.get("/desk/").content.decode()


def test_an_empty_tile_offers_no_new_task_to_those_who_may_not_make_one(client_for_role):
    assert "/duties/new/" in client_for_role("office").get("/cockpit/").content.decode()
    assert "/duties/new/" not in client_for_role("reader").get("/cockpit/").content.decode()
