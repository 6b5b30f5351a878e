"""The other end of references, key figures of an object and of a list."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.registers import related, services
from ecocloud.kernel.registers.reading import read_type

pytestmark = pytest.mark.django_db
LIST = "/registers/type/well/"


@pytest.fixture
def enter(client):
    def make(user):
        client.force_login(user)
        return client

    return make


@pytest.fixture
def linked(place, well_text):
    """Wells whose twin is indexed; ``dig(name, twin=row)``."""
    text = well_text.replace("kind: object, target: well, section: use", "kind: object, target: well, section: use,"
                             " index: true")  # fmt: skip
    register = services.define(CONSOLE, read_type(text, "well.yaml"))

    def dig(name, twin=None, region=None):
        given = {"owner": name} | ({"twin": f"obj:{twin.pk}"} if twin else {})
        return services.create(place.office, register, name=name, region=region or place.east, given=given)

    return register, dig


def test_who_refers_to_an_object_newest_first_with_the_list_behind_it(enter, place, linked):
    register, dig = linked
    main = dig("主井")
    rows = [dig(f"副井{number}", twin=main) for number in range(7)]
    services.retire(place.office, register, rows[0].pk, reason="已填埋")
    dig("别井", twin=rows[1])
    page = enter(place.office).get(reverse("registers:object", args=[main.pk]))
    (group,) = page.context["related"]
    assert group.title == "水源井（相邻井）" and group.count == 6
    assert [row.name for row in group.rows] == ["副井6", "副井5", "副井4", "副井3", "副井2"]
    listing = enter(place.office).get(group.url).context["listing"]
    assert listing.total == 6 and {row.name for row in listing.rows} == {f"副井{n}" for n in range(1, 7)}
    assert listing.filter("f_twin").value_label == "主井"


def test_only_within_the_reach(enter, place, linked):
    _register, dig = linked
    main = dig("主井", region=place.west)
    dig("东副井", twin=main)
    page = enter(place.other).get(reverse("registers:object", args=[main.pk]))
    assert page.context["related"] == [] and "东副井" not in page.content.decode()
    foreign = dig("东主井")
    dig("西副井", twin=foreign, region=place.west)
    listing = enter(place.other).get(f"{LIST}?f_twin=obj:{foreign.pk}").context["listing"]
    assert listing.problems and not listing.is_filtered  # its name is not told, so it cannot be chosen


def test_the_cost_does_not_grow_with_those_who_refer(place, linked):
    _register, dig = linked
    main = dig("主井")
    dig("副井", twin=main)
    related.referring(place.office, main)  # definitions are read once
    with CaptureQueriesContext(connection) as few:
        related.referring(place.office, main)
    for number in range(9):
        dig(f"又一副井{number}", twin=main)
    with CaptureQueriesContext(connection) as many:
        related.referring(place.office, main)
    assert len(many) == len(few) + 1  # the count beside the first five


def test_key_figures_of_an_object_are_its_numbers_totals_first(enter, place, dig):
    row = dig("一号井", depth=10, diameter=300, cost="3.2")
    page = enter(place.office).get(reverse("registers:object", args=[row.pk]))
    assert [(one.label, one.text, one.unit, one.note) for one in page.context["figures"]] == [
        ("井深", "10", "米", ""), ("投资", "3.2", "万元", ""), ("井筒容积", "0.9", "立方米", "由其他字段算出"),
    ]  # fmt: skip
    bare = dig("二号井", depth=10)
    assert enter(place.office).get(reverse("registers:object", args=[bare.pk])).context["figures"] == []


def test_what_is_not_filled_in_stands_in_one_line(enter, place, dig):
    page = enter(place.office).get(reverse("registers:object", args=[dig("一号井", depth=10).pk]))
    assert page.context["sections"][0].empty == ["成井日期", "井径", "井筒容积"]
    assert "未填：成井日期、井径、井筒容积" in page.content.decode()


@pytest.mark.parametrize(
    ("query", "total", "depth"),
    [("", 3, "60.50"), ("state=in_use", 1, "20.50"), ("f_use=farming", 1, "20.50"), ("region=990103", 1, None)],
)
def test_figures_of_a_list_follow_its_filters(enter, place, dig, wells, query, total, depth):
    """10 + 20.5 + 30 m; the western well has a depth of 30."""
    dig("甲井", depth=10)
    used = dig("乙井", depth="20.5", use="farming")
    dig("丙井", depth=30, region=place.west)
    services.transition(place.office, wells, used.pk, "start")
    listing = enter(place.office).get(f"{LIST}?{query}").context["listing"]
    assert listing.total == total
    assert listing.figures == [("井深", Decimal(depth or 30), "米", 2)]
