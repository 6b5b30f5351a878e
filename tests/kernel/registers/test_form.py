"""The generated form: what it asks, where its faults stand, what it writes. Bounds and rules are those of the well."""

import pytest
from django.urls import reverse

from ecocloud.kernel.registers.models import ObjectVersion, RegisterObject
from ecocloud.kernel.registers.register import register_of

pytestmark = pytest.mark.django_db
NEW, CHECK = "/registers/type/well/new/", "/registers/type/well/check/"


@pytest.fixture
def enter(client, place, wells):
    def make(user):
        client.force_login(user)
        return client

    return make


def controls(response):
    return {one.name: one for _title, found in response.context["form"].sections() for one in found}


def test_the_form_has_sections_units_and_dictionaries(enter, place):
    page = enter(place.clerk).get(NEW)
    assert [title for title, _ in page.context["sections"]] == ["基本情况", "使用情况"]
    found = controls(page)
    assert found["v_depth"].unit == "米" and found["v_volume"].kind == "output"
    assert found["v_use"].choices == (("drinking", "饮用"), ("farming", "灌溉"))  # a deprecated entry is not offered
    assert found["v_households"].hidden and "v_photo" not in found
    assert page.context["form"].given["region"] == "东县"


def test_a_new_object(enter, place):
    sent = {"name": "新井", "region": "东县", "v_owner": "东村", "v_depth": "35.5", "v_others": ["farming", "drinking"],
            "v_keeper": "东县生态环境局", "lon": "115.1", "lat": "27.1", "note": "普查"}  # fmt: skip
    answer = enter(place.clerk).post(NEW, sent)
    row = RegisterObject.objects.get()
    assert answer.headers["Location"] == reverse("registers:object", args=[row.pk])
    typed = register_of(row.type).values(row)
    assert typed["owner"] == "东村" and str(typed["depth"]) == "35.5" and typed["others"] == ("farming", "drinking")
    assert typed["keeper"] == place.units["east"].code and row.place is not None and row.region == place.east
    assert ObjectVersion.objects.get().note == "普查"


def test_every_fault_stands_at_its_field_and_nothing_typed_is_lost(enter, place):
    sent = {"name": "", "region": "无名县", "v_owner": "", "v_depth": "很深", "v_remark": "靠近祠堂"}
    page = enter(place.office).post(NEW, sent)
    assert page.status_code == 422 and not RegisterObject.objects.exists()
    form = page.context["form"]
    assert set(form.faults) >= {"name", "region", "v_depth"}
    assert "靠近祠堂" in page.content.decode() and "没有“无名县”这个区划" in page.content.decode()
    page = enter(place.office).post(NEW, {"name": "井", "region": "东县", "lon": "500", "lat": "27", "v_owner": "东村"})
    assert set(page.context["form"].faults) == {"geometry"}
    page = enter(place.office).post(NEW, {"name": "井", "region": "西县", "v_use": "drinking"})
    assert set(page.context["form"].faults) == {"v_owner", "v_households"}  # required, and shown for drinking water


def test_the_check_counts_what_is_missing_and_computes(enter, place):
    page = enter(place.clerk).post(CHECK, {"name": "井", "v_depth": "10", "v_diameter": "300", "v_use": "drinking"})
    body = page.content.decode()
    assert page.context["missing"] == 2 and "还有 2 项必填未填" in body  # owner, households
    assert "0.9" in body and "立方米" in body  # 10 m * 0.3 m * 0.3 m
    assert not controls(page)["v_households"].hidden
    page = enter(place.clerk).post(CHECK, {"v_dug_on": "2024-05-01", "v_permit_until": "2020-01-01"})
    assert set(page.context["form"].faults) == {"v_permit_until"}
    assert not RegisterObject.objects.exists()


def test_without_a_script_the_form_comes_back_checked(enter, place):
    page = enter(place.clerk).post(NEW, {"refresh": "1", "name": "井", "v_use": "drinking"})
    assert page.status_code == 422 and not controls(page)["v_households"].hidden
    assert not RegisterObject.objects.exists()


def test_edit_keeps_what_is_there_and_refuses_a_stale_form(enter, place, dig):
    row = dig("一号井", depth=10, keeper="", geometry=[115.1, 27.1], metered="是")
    address = reverse("registers:edit", args=[row.pk])
    client = enter(place.clerk)
    given = client.get(address).context["form"].given
    assert given["v_depth"] == "10" and given["v_metered"] == "true" and given["lon"] == "115.100000"
    sent = {name: value for name, value in given.items() if value != ""} | {"v_depth": "12", "version": "1"}
    assert client.post(address, sent).status_code == 302
    row.refresh_from_db()
    assert str(register_of(row.type).values(row)["depth"]) == "12" and row.version == 2
    again = client.post(address, sent | {"v_depth": "13"})
    assert again.status_code == 422 and "他人修改" in again.content.decode() and "13" in again.content.decode()


def test_objects_of_others_cannot_be_edited(enter, place, dig):
    row = dig("东井")
    address = reverse("registers:edit", args=[row.pk])
    assert enter(place.other).get(address).status_code == 404
    assert enter(place.reader).get(address).status_code == 403
    page = enter(place.other).post(NEW, {"name": "越界井", "region": "东县", "v_owner": "东村"})
    assert page.status_code == 422 and not RegisterObject.objects.filter(name="越界井").exists()


def test_template_and_import_are_one_click_from_the_list(enter, place):
    client = enter(place.office)
    page = client.get("/registers/type/well/").content.decode()
    assert reverse("sheets:template", args=["register-well"]) in page
    assert b"".join(client.get(reverse("sheets:template", args=["register-well"])).streaming_content).startswith(b"PK")
    assert client.get(reverse("sheets:upload", args=["register-well"])).status_code == 200
