"""Results as values of indicators: handed in once, corrected when results change, each with the result it is."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files

import pytest
import yaml
from django.test import Client
from django.urls import reverse

from ecocloud.intake.monitoring.results import feeding
from ecocloud.intake.monitoring.results.models import ResultFeed
from ecocloud.kernel.evidence import services as evidence
from ecocloud.kernel.evidence.models import Indicator, Observation
from ecocloud.kernel.regions.permissions import Forbidden
from tests.intake.monitoring.results.conftest import AIR, DAY, WATER
from tests.intake.monitoring.results.test_recalculating import chinese

pytestmark = pytest.mark.django_db
FIRST, MONTH = date(2026, 1, 1), "2026-03"


@pytest.fixture
def month(sites):
    """A month of one section of class II in the east county; the indicators of the catalogue."""
    evidence.load_catalogue()
    sites.send("river", 0, WATER)
    sites.run()
    return sites


def value(code):
    return Observation.objects.filter(indicator__code=code, period=MONTH).order_by("-version").first()


def test_every_code_is_in_the_catalogue_or_in_a_pack(db):
    evidence.load_catalogue()
    pack = yaml.safe_load((files("ecocloud.packs") / "drinking-sources" / "pack.yaml").read_text("utf-8"))
    codes = {one.code for one in feeding.feedings()} - {one["code"] for one in pack["indicators"]}
    assert len(codes) > 9 and codes == set(Indicator.objects.filter(code__in=codes).values_list("code", flat=True))


def test_values_are_handed_in_once_with_their_result(month):
    place = month.place
    told = {(one.code, one.period): one for one in feeding.feed(place.office, place.east, FIRST)}
    assert told["WAT.SURFACE.GOOD", MONTH].outcome == "recorded"
    row = value("WAT.SURFACE.GOOD")
    assert (row.value, row.status, row.denominator) == (Decimal(100), "submitted", 1)
    assert row.source.startswith("eval:") and row.source == told["WAT.SURFACE.GOOD", MONTH].source
    assert {one.outcome for one in feeding.feed(place.office, place.east, FIRST)} <= {"waiting", "none"}


def test_a_changed_result_corrects_what_was_confirmed(month):
    place = month.place
    feeding.feed(place.office, place.east, FIRST)
    first = value("WAT.SURFACE.GOOD")
    Observation.objects.filter(pk=first.pk).update(status="confirmed")
    month.send("river", 0, WATER | {"w21003": 1.9})  # class V
    month.run()
    told = {(one.code, one.period): one for one in feeding.feed(place.office, place.east, FIRST)}
    assert told["WAT.SURFACE.GOOD", MONTH].outcome == "corrected"
    second = value("WAT.SURFACE.GOOD")
    assert (second.version, second.value, second.replaces_id) == (2, Decimal(0), first.pk)
    assert "更正" in second.reason and second.source != first.source


def test_the_clock_feeds_where_it_is_switched_on(month):
    place = month.place
    assert feeding.feed_all(date(2026, 4, 2)) == {}
    with pytest.raises(Forbidden):
        feeding.start_feed(place.west_staff, place.east)
    feeding.start_feed(place.office, place.east)
    assert feeding.feed_all(date(2026, 4, 2))["recorded"] >= 2
    assert feeding.stop_feed(place.office, place.east) and not feeding.stop_feed(place.office, place.east)
    assert feeding.feed_of(place.east) is None and ResultFeed.objects.count() == 1


def test_missing_is_not_fed(month):
    """No air results, no air values; a share of nothing is none."""
    feeding.feed(month.place.office, month.place.east, FIRST)
    assert not Observation.objects.filter(indicator__code__startswith="AIR.").exists()
    assert value("WAT.SECTION.ATTAIN") is None  # the section has no target
    share = {"part": 0, "whole": 0, "units": None, "places": 1}
    one = next(each for each in feeding.feedings() if each.code == "WAT.SECTION.ATTAIN")
    assert feeding.figure(one, {"attained": share}) == (None, None)


def test_the_page(month, settings):
    client = Client()
    client.force_login(month.place.office, backend=settings.AUTHENTICATION_BACKENDS[-1])
    url = reverse("monitoring:result-feed")
    page = client.get(url, {"region": "990102"}).content.decode()
    assert "WAT.SURFACE.GOOD" in page and "未报送" in page and DAY.strftime("%Y-%m") in page
    assert client.post(url, {"region": "990102", "do": "now"}).status_code == 302
    assert "待复核" in client.get(url, {"region": "990102"}).content.decode()
    client.post(url, {"region": "990102", "do": "start"})
    page = client.get(url, {"region": "990102"}).content.decode()
    assert "停用每日报送" in page and feeding.feed_of(month.place.east) is not None
    english = client.get(url, {"region": "990102", "language": "en"}).content.decode()
    assert chinese(english) == []


def test_days_of_ozone_and_of_heavy_pollution(sites):
    """O3 200 for 24 hours is above 160 µg/m³; PM2.5 200 is AQI 250 (150..250 is 200..300), heavily polluted."""
    evidence.load_catalogue()
    for hour in range(24):
        sites.send("east", hour, AIR | {"a05024": 200})
        sites.send("east", hour, AIR | {"a34004": 200}, day=DAY + timedelta(days=1))
        sites.send("east", hour, AIR, day=DAY + timedelta(days=2))
    sites.run(DAY, DAY + timedelta(days=2))
    feeding.feed(sites.place.office, sites.place.east, FIRST)
    assert value("AIR.O3.EXCEEDDAYS").value == 1
    heavy = value("AIR.HEAVYDAYS.RATE")
    assert (heavy.value, heavy.denominator) == (Decimal("33.3"), 3)
    # results of before know neither
    body = {"good": {"part": 1, "whole": 1, "units": 1000, "places": 1}}
    one = next(each for each in feeding.feedings() if each.code == "AIR.O3.EXCEEDDAYS")
    assert feeding.figure(one, body) == (None, None)
