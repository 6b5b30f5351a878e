"""Boxes that offer what they point at, what they take, and the columns a person chooses for a list."""

import csv
import io
import re

import pytest

from ecocloud.kernel.registers.models import RegisterObject

pytestmark = pytest.mark.django_db
LIST = "/registers/type/well/"


@pytest.fixture
def enter(client):
    def make(user):
        client.force_login(user)
        return client

    return make


def offered(client, field, text=""):
    page = client.get(f"{LIST}pick/{field}/", {field: text})
    assert page.status_code == 200
    return re.findall(r'<option value="([^"]*)">', page.content.decode())


def test_divisions_and_units_by_what_was_typed_within_the_own_division(enter, place, wells):
    client = enter(place.office)
    assert offered(client, "region", "东") == ["东县", "东县东镇"]
    assert offered(client, "v_keeper", "生态环境局") == ["试验市生态环境局", "东县生态环境局", "西县生态环境局"]
    assert offered(enter(place.other), "region") == ["西县"]


def test_objects_by_code_and_name_within_the_reach(enter, place, dig):
    east, west = dig("东井"), dig("西井", region=place.west)
    assert offered(enter(place.office), "v_twin", "井") == [f"{east.code} 东井", f"{west.code} 西井"]
    assert offered(enter(place.other), "v_twin", "井") == [f"{west.code} 西井"]
    assert offered(enter(place.other), "v_twin", f"{east.code} 东井") == []


def test_a_reader_is_offered_nothing_and_what_points_at_nothing_is_no_page(enter, place, wells):
    assert enter(place.reader).get(f"{LIST}pick/region/").status_code == 403
    assert enter(place.office).get(f"{LIST}pick/nothing/").status_code == 404
    assert offered(enter(place.office), "v_owner", "x") == []


@pytest.mark.parametrize("how", ["{code} 东井", "{code}", "东井", "obj:{pk}"])
def test_a_box_takes_what_it_offers_and_shows_it_again(enter, place, dig, how):
    east = dig("东井")
    client = enter(place.office)
    sent = {"name": "双井", "region": "东县", "v_owner": "双村", "v_twin": how.format(code=east.code, pk=east.pk)}
    client.post(f"{LIST}new/", sent)
    row = RegisterObject.objects.get(name="双井")
    assert row.body["twin"] == f"obj:{east.pk}"
    assert f'value="{east.code} 东井"' in client.get(f"/registers/object/{row.pk}/edit/").content.decode()


def test_what_is_no_object_is_said_beside_the_box(enter, place, dig):
    dig("同名井")
    dig("同名井", owner="另一村")
    client = enter(place.office)
    for text, told in (("无此井", "没有“无此井”这个对象"), ("同名井", "“同名井”有几个，请填编码")):
        page = client.post(f"{LIST}new/", {"name": "双井", "region": "东县", "v_owner": "双村", "v_twin": text})
        assert page.status_code == 422 and told in page.content.decode()


def test_a_new_object_begins_with_what_the_address_asks_for(enter, place, dig):
    east = dig("东井")
    text = enter(place.office).get(f"{LIST}new/?v_twin=obj:{east.pk}&v_depth=12&region=西县").content.decode()
    assert f'value="{east.code} 东井"' in text and 'value="12"' in text and 'value="试验市"' in text


def test_chosen_columns_show_and_leave_as_a_file(enter, place, dig):
    dig("东井", diameter=300, cost="3.2", remark="靠近祠堂")
    client = enter(place.office)
    query = "cols=remark&cols=cost&cols=nonsense"
    listing = client.get(f"{LIST}?{query}").context["listing"]
    assert [one.code for one in listing.shown_columns] == ["code", "name", "remark", "cost", "state"]
    assert {code for code, _word, on in listing.offered_columns if on} == {"remark", "cost"}
    assert "cols=remark&cols=cost" in listing.query_text  # so that a saved view keeps them
    content = b"".join(client.get(f"{LIST}?{query}&export=csv").streaming_content).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(content)))[0] == ["编码", "名称", "备注", "投资（万元）", "状态"]
    assert [one.code for one in client.get(f"{LIST}?cols=nonsense").context["listing"].shown_columns][2] == "owner"
