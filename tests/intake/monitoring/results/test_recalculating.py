"""What new rows of the lake touch is evaluated again; references, the page, the command."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from ecocloud.cli import main
from ecocloud.intake.monitoring.lake import changes, schema, site
from ecocloud.intake.monitoring.quality import services as quality
from ecocloud.intake.monitoring.results import sources
from ecocloud.intake.monitoring.results.models import Evaluated, Result
from ecocloud.intake.monitoring.results.recalculating import stretches
from ecocloud.kernel.journal.refs import Ref, resolve
from tests.intake.monitoring.results.conftest import AFTER, AIR, DAY, WATER

pytestmark = pytest.mark.django_db


def days(**more):
    return list(Result.objects.filter(kind="air_point", span="day", current=True, **more).order_by("start"))


def test_only_touched_days_are_evaluated(sites):
    for back in range(3):
        for hour in range(24):
            sites.send("east", hour, AIR, day=DAY - timedelta(days=back))
    assert sites.recalculate()["days"] == 3 and len(days()) == 3
    assert sites.recalculate() == {"days": 0}
    sites.send("east", 5, AIR | {"a34004": 55}, day=DAY - timedelta(days=2))
    assert sites.recalculate()["days"] == 1
    assert [one.version for one in days()] == [2, 1, 1]
    month = Result.objects.get(kind="air_point", span="month", current=True)
    assert month.version == 2 and days()[0].pk in [pk for pk, _version in month.sources["results"]]


def test_compaction_brings_no_new_rows(sites):
    """S1: files made of old rows are no news; new rows in them are."""
    for hour in range(24):
        sites.send("east", hour, AIR)
    sites.recalculate()
    sites.lakes[-1].compact()
    assert sites.recalculate() == {"days": 0}
    sites.send("east", 2, AIR | {"a34004": 41})
    sites.take()
    sites.lakes[-1].compact()
    assert sites.recalculate()["days"] == 1 and days()[0].version == 2


def test_a_stop_in_the_middle_is_made_good(sites):
    for back in range(2):
        for hour in range(24):
            sites.send("east", hour, AIR, day=date(2026, 3, 1) - timedelta(days=back))

    class Stopped(Exception):
        pass

    calls = []

    def step():
        calls.append(1)
        if len(calls) == 2:
            raise Stopped

    sites.take()
    from ecocloud.intake.monitoring.results.recalculating import recalculate

    with pytest.raises(Stopped):
        recalculate(AFTER, step)
    assert len(days()) == 1 and Evaluated.objects.get().position is None
    assert sites.recalculate()["days"] == 2
    assert [one.version for one in days()] == [1, 1] and sites.recalculate() == {"days": 0}


def test_a_day_becomes_final_without_new_rows(sites):
    sites.send("east", 0, AIR)
    sites.recalculate(datetime(2026, 3, 5, 3, tzinfo=UTC))
    assert [one.final for one in days()] == [False]
    sites.recalculate(datetime(2026, 3, 5, 17, tzinfo=UTC))  # 01:00 of the next day, within the two hours of grace
    assert [one.final for one in days()] == [False]
    sites.recalculate(datetime(2026, 3, 5, 18, tzinfo=UTC))
    assert [one.final for one in days()] == [True]


def test_a_review_takes_values_out_and_back(sites):
    for hour in range(24):
        sites.send("east", hour, AIR | ({"a34004": 900} if hour == 7 else {}))
    sites.recalculate()
    assert days()[0].level > 2
    at = schema.day_bounds(DAY)[0] + timedelta(hours=7)
    review = quality.review(sites.place.office, sites.east, interval="hour", first=at, last=at + timedelta(hours=1),
                            factor="a34004", valid=False, reason="仪器故障")  # fmt: skip
    assert sites.recalculate()["days"] == 1
    row = days()[0]
    assert row.body["hours"]["pm25"][7] is None and (row.version, row.change, row.level) == (2, "values", 2)
    quality.take_back(sites.place.office, review.pk, reason="核实无误")
    sites.recalculate()
    assert days()[0].body["hours"]["pm25"][7] == 900_000_000 and days()[0].version == 3


def test_results_under_another_edition_follow_the_values(sites):
    for hour in range(24):
        sites.send("east", hour, AIR)
    sites.recalculate()
    sites.run(under="2026-final")
    sites.send("east", 2, AIR | {"a34004": 60})
    sites.recalculate()
    assert sorted(one.version for one in days()) == [2, 2]


def test_stretches():
    first = date(2026, 2, 27)
    listed = [first, first + timedelta(days=1), first + timedelta(days=2), date(2026, 3, 5)]
    assert list(stretches(listed)) == [(first, date(2026, 3, 1)), (date(2026, 3, 5), date(2026, 3, 5))]
    assert list(stretches([])) == []


def test_the_position_is_plain_data(sites):
    sites.send("east", 0, AIR)
    sites.take()
    spans, position = changes.since(site.store(), changes.Position(), ("hour",))
    assert list(spans["hour"]) == [sites.east.mn]
    again = changes.Position.read(json.loads(json.dumps(position.as_json())))
    assert again == position and changes.since(site.store(), again, ("hour",))[0] == {}


# --- references, page, command ----------------------------------------------------------------------------------------


def test_references_open_the_version_and_keep_to_the_reach(sites):
    for hour in range(24):
        sites.send("east", hour, AIR)
    sites.run()
    sites.send("east", 3, AIR | {"a34004": 70})
    sites.run()
    row = days()[0]
    place = sites.place
    old, new = (resolve(Ref("eval", str(row.pk), version=number), place.office) for number in ("1", "2"))
    assert old.url != new.url and "AQI" in new.excerpt and new.allowed
    assert resolve(Ref("eval", old.url.rstrip("/").rpartition("/")[2]), place.office).url == new.url
    assert not resolve(Ref("eval", str(row.pk)), place.west_staff).allowed
    assert not resolve(Ref("eval", "999999"), place.office).url
    before = Result.objects.get(pk=int(old.url.rstrip("/").rpartition("/")[2]))
    assert sources.lake_refs(row)["pm25", 3].version != sources.lake_refs(row)["pm25", 2].version
    shown = resolve(sources.lake_refs(row)["pm25", 3], place.office)
    assert "70" in shown.excerpt and before.version == 1
    city = Result.objects.get(kind="air_area", span="day", subject="region:990100", current=True)
    assert [str(one) for one in sources.refs(city)] == [row.ref]


def chinese(page):
    """What is left of Chinese on an English page without names and what standards are cited by."""
    main_part = re.sub(r"(?s)<p class=\"small\">.*?</p>", "", page[page.index("<main") : page.index("</main>")])
    words = re.sub("[东西]县环境局|试验市办公室|试验市|东县|西县", "", re.sub(r"<[^>]*>", " ", main_part))
    return re.findall("[\u4e00-\u9fff]+", words)


@pytest.fixture
def client(sites, settings):
    client = Client()
    client.force_login(sites.place.office, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def test_pages_of_results_say_how_they_came(sites, client):
    for hour in range(24):
        sites.send("east", hour, AIR)
        sites.send("river", hour, WATER)
    sites.run()
    day = client.get(reverse("monitoring:result", args=[days()[0].pk])).content.decode()
    assert "960 ÷ 24" in day and "lake:" in day and "23:00–24:00" in day
    for row in Result.objects.all():
        page = client.get(reverse("monitoring:result", args=[row.pk]) + "?language=zh-hans").content.decode()
        assert "评价标准" in page and "第 1 版" in page
        english = client.get(reverse("monitoring:result", args=[row.pk]) + "?language=en").content.decode()
        assert chinese(english) == []


def test_the_command(sites, capsys):
    for hour in range(24):
        sites.send("east", hour, AIR)
    sites.take()
    asked = ["evaluate", "--from", DAY.isoformat(), "--to", DAY.isoformat(), "--json"]
    assert main(asked) == 0
    assert json.loads(capsys.readouterr().out)["first"] > 0
    assert main(asked[:-1]) == 0
    assert "未变" in capsys.readouterr().out
    assert main([*asked, "--edition", "1999"]) != 0
