"""What the public reads of chiefs: the list by place, the panel of numbers, each sign; no account, no script."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ecocloud.domains.chiefs import views_public
from ecocloud.domains.chiefs.models import Office
from ecocloud.domains.chiefs.services import offices
from tests.domains.chiefs.conftest import BEGAN

URL = "/chiefs/public/"


@pytest.fixture
def others(place, seat):
    """A general chief of the county, a civil chief whose sign stands, one without a sign."""
    made = {}
    for name, more in {
        "general": {"kind": "general", "region": place.east},
        "civil": {"kind": "river", "about": seat.object, "nature": "civil", "sign": "QX-02"},
        "unsigned": {"kind": "river", "about": seat.object, "nature": "enterprise"},
    }.items():
        level = "county" if name == "general" else "village"
        made[name] = offices.open_office(place.office, level=level, department=place.units["water"], post=f"职务{name}",
                                         opened_on=BEGAN, **more)  # fmt: skip
        offices.appoint(place.office, made[name].pk, name=f"某{name}", on=BEGAN)
    return made


def test_the_list_shows_those_with_a_sign_and_those_of_divisions(seat, others, client):
    page = client.get(URL)
    text = page.content.decode()
    assert page.status_code == 200 and page.context["page"].paginator.count == 3
    for said in (
        "张河长",
        "镇党委书记",
        "某general",
        "某civil",
        "东镇人民政府",
        reverse("chiefs:sign", args=[seat.token]),
    ):
        assert said in text, said
    for kept in ("某unsigned", "chief@", "0796-1234567", "/chiefs/mine/"):
        assert kept not in text, kept


@pytest.mark.parametrize(
    ("asked", "count"),
    [({"q": "青溪"}, 2), ({"q": "张河长"}, 1), ({"q": "张"}, 0), ({"q": "QX-02"}, 1), ({"q": "东县"}, 1),
     ({"region": "360802"}, 3), ({"region": "360803"}, 0), ({"family": "forest"}, 0), ({"family": "water"}, 3),
     ({"family": "x' OR 1=1", "region": "--"}, 3), ({"q": "%"}, 0), ({"q": "<b>"}, 0)],
)  # fmt: skip
def test_it_is_searched_by_place_sign_and_whole_name(seat, others, client, asked, count):
    page = client.get(URL, asked)
    assert page.context["page"].paginator.count == count
    if not count:
        assert (
            "没有找到" in page.content.decode() and "<b>" not in page.content.decode().split("<main")[1].split("<h1")[1]
        )


def test_a_vacancy_is_told_and_a_closed_office_is_gone(place, seat, client):
    offices.end_term(place.office, seat.pk, on=date(2026, 3, 31), reason="调离")
    assert "暂缺，由责任单位代管" in client.get(URL).content.decode()
    offices.close_office(place.office, seat.pk, reason="撤")
    assert "还没有公示" in client.get(URL).content.decode()


def test_the_list_asks_as_much_with_ten_as_with_fifty(seat, client):
    def cost(n):
        for number in range(n):
            Office.objects.create(kind="river", level="village", region=seat.region, object=seat.object, post="村支书",
                                  department=seat.department, sign=f"S-{n}-{number}", opened_on=BEGAN)  # fmt: skip
        client.get(URL)
        with CaptureQueriesContext(connection) as seen:
            client.get(URL)
        return len(seen)

    few, many = cost(9), cost(40)
    assert few == many <= 8


def test_the_panel_counts_by_family_and_level(place, seat, others):
    told = views_public.panel(place.city)
    # by hand: township 1 (the seat), county 1 (general), village 1 (civil); the one without a sign does not count
    assert told["levels"] == ["县级", "乡级", "村级"]
    assert [(line["word"], line["counts"], line["total"]) for line in told["lines"]] == [
        ("河湖", [1, 1, 1], 3), ("林地", [0, 0, 0], 0)]  # fmt: skip
    assert views_public.panel(place.west) is None


def test_the_sign_leads_to_a_report_in_its_place(seat, client):
    page = client.get(reverse("chiefs:sign", args=[seat.token])).content.decode()
    assert f"/public/report/?region={seat.region_id}" in page and URL in page
