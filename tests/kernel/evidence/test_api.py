"""The API gives the same answers as the pages and keeps their limits."""

import pytest
from ninja.testing import TestClient

from ecocloud.base.errors import Forbidden
from ecocloud.kernel.evidence import services
from ecocloud.kernel.evidence.api import router
from ecocloud.kernel.journal.refs import resolve

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def api():
    return TestClient(router)


def test_indicators_observations_targets_and_attainment(api, place, ind, put):
    value = put("FOR.COVER", "2026", "67.7")
    goal = services.set_target(place.office, ind("FOR.COVER"), place.city, "2026", ">=", "67.7", document="doc:1#3-9")
    assert [row["code"] for row in api.get("/indicators?q=森林覆盖", user=place.reader).json()] == ["FOR.COVER"]
    rows = api.get("/observations?indicator=FOR.COVER&year=2026", user=place.reader).json()
    assert [(row["id"], row["source"]) for row in rows] == [(value.pk, "doc:1#1-2")]
    assert api.get(f"/targets?region={place.city.pk}", user=place.reader).json()[0]["id"] == goal.pk
    answer = api.get(f"/indicators/FOR.COVER/attainment?region={place.city.pk}&year=2026", user=place.reader).json()
    assert (answer["verdict"], answer["light"], answer["source"]) == ("met", "green", f"obs:{value.pk}")
    assert len(answer["arithmetic"]) >= 3


def test_recording_keeps_the_rules(api, place):
    body = {"indicator": "FOR.COVER", "region": place.city.pk, "period": "2026", "value": "60", "source": "doc:1#1-2"}
    assert api.post("/observations", json=body, user=place.forestry).json()["status"] == "draft"
    with pytest.raises(Forbidden):
        api.post("/observations", json=body, user=place.reader)


def test_references_open_for_those_who_may(place, put):
    value = put("FOR.COVER", "2026", "67.7", region=place.west)
    assert resolve(f"obs:{value.pk}", place.office).url.endswith(f"/values/{value.pk}/")
    assert not resolve(f"obs:{value.pk}", place.clerk).allowed
    assert not resolve("obs:999999", place.office).allowed
    assert resolve("ind:FOR.COVER", place.reader).title == "森林覆盖率"
