"""Saved views: one's own only, named once, bounded."""

import pytest
from django.test import RequestFactory

from ecocloud.base.errors import EcoError
from ecocloud.base.pages import services, views
from ecocloud.base.pages.listing import Listing
from ecocloud.base.pages.models import SavedView

pytestmark = pytest.mark.django_db


class Person:
    is_authenticated = True

    def __init__(self, pk):
        self.pk = pk


def post(data, person=1):
    request = RequestFactory().post("/x", data)
    request.user = Person(person)
    return request


def test_the_same_name_replaces():
    services.save_view("1", "duties.ledger", " 我的  逾期 ", "light=red")
    services.save_view("1", "duties.ledger", "我的 逾期", "light=red&per=50")
    only = SavedView.objects.get()
    assert (only.name, only.query) == ("我的 逾期", "light=red&per=50")


@pytest.mark.parametrize(("name", "query"), [("", "a=1"), ("  ", "a=1"), ("长" * 41, "a=1"), ("好", "q" * 1001)])
def test_bad_names_and_long_filters_are_refused(name, query):
    with pytest.raises(EcoError):
        services.save_view("1", "duties.ledger", name, query)
    assert not SavedView.objects.exists()


def test_thirty_views_are_enough():
    for number in range(services.MAX_VIEWS):
        services.save_view("1", "l", f"v{number}", "")
    with pytest.raises(EcoError, match="too many"):
        services.save_view("1", "l", "one more", "")
    services.save_view("1", "l", "v3", "a=1")  # replacing is still possible
    services.save_view("1", "other", "v", "")


def test_nobody_sees_or_deletes_anothers_view():
    view = services.save_view("1", "l", "mine", "a=1")
    assert services.delete_view("2", view.pk) is False
    request = RequestFactory().get("/list/")
    for person, names in ((1, ["mine"]), (2, [])):
        request.user = Person(person)
        assert [v["name"] for v in Listing(request, SavedView.objects.all(), key="l").saved_views()] == names


def test_pages_save_delete_and_go_back_only_within_the_site():
    answer = views.save_view(post({"list": "l", "name": "n", "query": "a=1", "next": "/list/?a=1"}))
    assert (answer.status_code, answer["Location"]) == (302, "/list/?a=1")
    view = SavedView.objects.get()
    assert views.delete_view(post({"view": "x"})).status_code == 302 and SavedView.objects.exists()
    assert views.delete_view(post({"view": view.pk, "next": "//elsewhere.example/"}))["Location"] == "/"
    assert not SavedView.objects.exists()
    assert views.save_view(RequestFactory().get("/x")).status_code == 405


def test_the_list_offers_its_views_with_forms(render, settings):
    from django.urls import include, path

    class Routes:
        urlpatterns = [path("views/", include("ecocloud.base.pages.urls"))]

    settings.ROOT_URLCONF = Routes
    view = services.save_view("1", "l", "逾期<件>", "light=red")
    request = RequestFactory().get("/list/?light=red&page=2")
    request.user = Person(1)
    html = render("{% saved_views l %}", request, l=Listing(request, SavedView.objects.all(), key="l"))
    assert 'href="/list/?light=red"' in html and "逾期&lt;件&gt;" in html
    assert 'action="/views/delete/"' in html and f'name="view" value="{view.pk}"' in html
    assert 'action="/views/save/"' in html and 'name="query" value="light=red"' in html
