"""Surface water year on year. Expected values by hand: the index of the five items of automatic stations is the sum of
the means over the limits of class III (GB 3838-2002 table 1), oxygen the other way round, pH by its distance from 7."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ecocloud.intake.monitoring.results.rules import Period
from ecocloud.intake.monitoring.results.water_comparing import water_year_on_year
from ecocloud.intake.monitoring.stations import services
from tests.intake.monitoring.results.conftest import DAY, RUNNING, WATER
from tests.intake.monitoring.results.test_recalculating import chinese

pytestmark = pytest.mark.django_db
MONTH, YEAR = Period("month", date(2026, 3, 1)), Period("year", date(2026, 1, 1))
AGO = DAY.replace(year=2025)
EAST = "990102"


def of_index(nh3n):
    """pH 7.2: 0.2 / (9 − 7); oxygen 5 / 8; CODMn 3 / 6; ammonia / 1; phosphorus 0.09 / 0.2."""
    whole = Fraction(1, 10) + Fraction(5, 8) + Fraction(1, 2) + Fraction(nh3n) + Fraction(9, 20)
    return Decimal(round(whole * 10_000)) / 10_000


def percent(now, before):
    return Decimal(round((Fraction(now) - Fraction(before)) / Fraction(before) * 10_000)) / 100


@pytest.fixture
def filled(sites):
    """East: ammonia 0.4 on the 5th, 1.0 a year before on the 5th and 9.0 on the 20th, later than the running month has
    come; 0.6 and 0.2 in February of both years. West: 0.5 now and 0.25 then."""
    other = services.add_device(sites.place.office, mn="RIVW00000000000000000001", name="westriver", kind="section",
                                region=sites.place.west, department=sites.place.other)  # fmt: skip
    vars(sites)["other"] = other
    from ecocloud.intake.monitoring.lake import schema
    from tests.intake.monitoring.lake.lake_made import frame

    def send(row, day, nh3n):
        values = WATER | {"w21003": nh3n}
        items = ";".join(f"{code}-Avg={value},{code}-Flag=N" for code, value in values.items())
        sites.lakes[-1].put(frame(items, at=schema.day_bounds(day)[0], cn="2061", mn=row.mn, st=row.st))

    days = ((sites.river, DAY, 0.4), (sites.river, AGO, 1.0), (sites.river, AGO + timedelta(days=15), 9.0),
            (sites.river, date(2026, 2, 3), 0.6), (sites.river, date(2025, 2, 3), 0.2), (other, DAY, 0.5),
            (other, AGO, 0.25))  # fmt: skip
    for row, day, nh3n in days:
        send(row, day, nh3n)
    sites.recalculate(RUNNING)
    return sites


def test_a_running_month_is_held_against_the_same_days(filled):
    found = water_year_on_year(MONTH, [EAST, "990103"])
    assert found.until == DAY
    now, then = of_index("0.4"), of_index("1.0")
    east = found.figures[EAST]["index"]
    assert (east.now, east.before) == (now, then)
    assert [(one.region, one.place, one.percent) for one in found.better] == [(EAST, 1, percent(now, then))]
    assert [(one.region, one.place, one.percent) for one in found.worse] == [
        ("990103", 1, percent(of_index("0.5"), of_index("0.25")))
    ]


def test_the_year_is_cumulative(filled):
    """February and March: (0.6 + 0.4) / 2 = 0.5 of ammonia now; (0.2 + 1.0) / 2 = 0.6 then."""
    east = water_year_on_year(YEAR, [EAST]).figures[EAST]["index"]
    assert (east.now, east.before) == (of_index("0.5"), of_index("0.6"))


def test_shares_change_by_points(filled):
    """Ammonia of 1.0 is class III, 9.0 would be worse than V: 100 % good in both years, no change."""
    good = water_year_on_year(MONTH, [EAST]).figures[EAST]["good"]
    assert (good.now, good.before, good.change) == (Decimal("100.0"), Decimal("100.0"), Decimal("0.0"))


def test_equal_changes_share_a_place_and_no_change_is_in_neither(filled):
    found = water_year_on_year(MONTH, ["990100"])
    city = found.figures["990100"]["index"]
    # two sections: ammonia (0.4 + 0.5) / 2 and (1.0 + 0.25) / 2
    assert (city.now, city.before) == (of_index("0.45"), of_index("0.625"))
    assert len(found.better) == 1 and not found.worse


def test_nothing_a_year_before(sites):
    sites.send("river", 0, WATER)
    sites.recalculate(RUNNING)
    assert water_year_on_year(MONTH, [EAST]) is None
    assert water_year_on_year(Period("year", date(2020, 1, 1)), [EAST]) is None


@pytest.fixture
def client(filled, settings):
    client = Client()
    client.force_login(filled.place.office, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def page(client, **more):
    return client.get(reverse("monitoring:water-ranking"), more)


def test_the_page_and_its_file(filled, client):
    shown = page(client, at="2026-03").content.decode()
    assert "与去年同期比较" in shown and "好转排名" not in shown
    shown = page(client, at="2026-03", beside="1").content.decode()
    assert "好转排名" in shown and "变差排名" in shown and f"{percent(of_index('0.4'), of_index('1.0'))}%" in shown
    assert chinese(page(client, at="2026-03", beside="1", language="en").content.decode()) == []
    file = page(client, at="2026-03", beside="1", export="csv", language="zh-hans")
    text = b"".join(file.streaming_content).decode()
    assert "去年同期" in text and str(of_index("1.0")) in text


def test_year_on_year_costs_at_most_two_questions_more(filled, client):
    """What the page costs by itself is measured with those of all lists."""

    def counted(**more):
        page(client, **more)
        with CaptureQueriesContext(connection) as asked:
            page(client, **more)
        return len(asked)

    for span, most in (("month", 1), ("year", 2)):
        assert counted(span=span, beside="1") - counted(span=span) == most
