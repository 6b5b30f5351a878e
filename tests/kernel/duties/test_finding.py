"""The text filter finds what a look at every title finds, whichever way it takes."""

import random

import pytest
from django.http import QueryDict

from ecocloud.base import search
from ecocloud.base.jobs import drain
from ecocloud.kernel.duties import finding, links, queries, services
from ecocloud.kernel.duties.lists import ItemListing
from ecocloud.kernel.duties.models import WorkItem

pytestmark = pytest.mark.django_db
TITLES = (
    "完成第 1234 项治理，建设设施 12 座", "完成第 234 项治理", "PM2.5 浓度下降", "AbcDef 监测站", "河道清淤（二期）",
    "清淤河道", "设施、设备检修", "第１２项", "设施设备",
)  # fmt: skip
WORDS = (
    "设施", "第 1234 项", "第 1234", "234", "1234 项", "abc", "bcd", "PM2", "m2.5", "5 浓度", "（二期）", "设施，",
    "设施、设", "不存在", "项治理，建", "清", "淤河", "督", "e", "12",
)  # fmt: skip


@pytest.fixture
def ledger(make, town):
    rng = random.Random(7)
    for n in range(40):
        lead = town.at_water if n % 3 else town.at_roads
        make(rng.choice(["registered", "issued"]), title=rng.choice(TITLES), lead=lead)
    return WorkItem.objects.all()


def listing(user, **params):
    query = QueryDict(mutable=True)
    query.update(params)
    return ItemListing(query, user)


def by_hand(user, text):
    """Every visible item, looked at one by one; case of Latin letters aside."""
    low = text.lower()
    seen = queries.items(user)
    if finding.is_code(text):
        return [item.pk for item in seen if item.code.startswith(text)]
    return [item.pk for item in seen if low in item.title.lower() or item.code.startswith(text)]


@pytest.mark.parametrize("way", ["probe", "index", "no index", "stale index"])
def test_every_way_finds_the_same(ledger, town, monkeypatch, way, settings, tmp_path):
    settings.HOME = tmp_path
    if way != "probe":
        monkeypatch.setattr(finding, "_PROBE", 2)
    links.start()
    if way in ("index", "stale index"):
        drain()
        assert search.site_index().count("item") == 40
    if way == "stale index":
        first = ledger.first()
        services.change_item(town.clerk, first, "改名", title="设施 bcd 第 1234 项")
        assert search.waiting() == {f"item:{first.pk}"}
    for user in (town.clerk, town.hydro, town.driver):
        for text in (*WORDS, ledger[0].code, ledger[0].code[:6]):
            page = listing(user, q=text, per="100")
            assert [row.pk for row in page.rows] == by_hand(user, text), (user.username, text)
            assert page.total == sum(page.light_counts.values()) == len(page.rows)


def test_the_index_is_really_asked(ledger, town, monkeypatch, settings, tmp_path):
    settings.HOME = tmp_path
    monkeypatch.setattr(finding, "_PROBE", 2)
    links.start()
    drain()
    assert finding._proposed(town.clerk, "不存在") == []
    rare = {item.pk for item in ledger if "abc" in item.title.lower()}
    assert set(finding._proposed(town.clerk, "bcd")) == rare != set()


def test_found_too_often_is_said_and_lights_add_up(ledger, town, monkeypatch):
    monkeypatch.setattr(finding, "MOST", 6)
    page = listing(town.clerk, q="完成", per="100")
    assert len(by_hand(town.clerk, "完成")) > 6
    assert page.total == 6 and len(page.rows) == 6 and sum(page.light_counts.values()) == 6
    assert [row.pk for row in page.rows] == by_hand(town.clerk, "完成")[:6]
    assert any("超过 6 项" in sentence for sentence in page.problems)
    for light, count in page.light_counts.items():
        assert len(listing(town.clerk, q="完成", light=light, per="100").rows) == count
    assert sorted(item.pk for item in listing(town.clerk, q="完成", sort="-code").rows) == sorted(
        row.pk for row in page.rows
    )
    assert not listing(town.clerk, q="不存在").problems


@pytest.mark.parametrize("stretches", [(), (6, 12), (12, 1000)])
def test_frequent_words_are_found_from_the_head_of_the_list(ledger, town, monkeypatch, stretches, settings, tmp_path):
    settings.HOME = tmp_path  # no index: it cannot propose
    monkeypatch.setattr(finding, "_PROBE", 2)
    monkeypatch.setattr(finding, "MOST", 3)
    monkeypatch.setattr(finding, "_STRETCHES", stretches)
    for user in (town.clerk, town.hydro):
        for text in WORDS:
            everything = by_hand(user, text)
            got = finding.found(user, queries.items(user), text)
            assert list(got.keys) == everything[:3] and got.more == (len(everything) > 3), (user.username, text)
