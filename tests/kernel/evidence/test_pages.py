"""Every page opens for those who may, shows its numbers with their source, and acts."""

import io
import re
from datetime import date

import openpyxl
import pytest
from django.urls import reverse

from ecocloud.kernel.evidence import services
from ecocloud.kernel.evidence.models import Lock, Observation, Target

pytestmark = pytest.mark.django_db
YEAR = date.today().year


@pytest.fixture
def full(place, ind, put):
    for month in range(1, 4):
        put("AIR.PM25.MEAN", f"{YEAR}-{month:02d}", 30 + month)
        put("AIR.PM25.MEAN", f"{YEAR - 1}-{month:02d}", 33 + month)
        put("AIR.PM25.MEAN", f"{YEAR}-{month:02d}", 28 + month, region=place.east)
    services.set_target(place.office, ind("AIR.PM25.MEAN"), place.city, str(YEAR), "<=", 30, document="doc:1#3-9")
    return place


def get(client, user, url, **params):
    client.force_login(user)
    return client.get(url, params)


def test_every_page_opens(client, full, put):
    row = Observation.objects.first()
    goal = Target.objects.get()
    services.lock(full.office, full.city, YEAR - 1)
    names = (
        "list",
        "fill",
        "review",
        "targets",
        "set-target",
        "conflicts",
        "corrections",
        "locks",
        "propose",
        "export",
    )
    urls = [reverse(f"evidence:{name}") for name in names] + [
        reverse("evidence:detail", args=["AIR.PM25.MEAN"]),
        reverse("evidence:data", args=["AIR.PM25.MEAN"]),
        reverse("evidence:observation", args=[row.pk]),
        reverse("evidence:correct", args=[row.pk]),
        reverse("evidence:target", args=[goal.pk]),
        reverse("evidence:list") + "?all=1&light=red",
        reverse("evidence:detail", args=["FOR.COVER"]) + f"?region={full.east.pk}",
    ]
    for url in urls:
        response = get(client, full.office, url)
        assert response.status_code == 200, url
        if response["Content-Type"].startswith("text/html"):
            html = response.content.decode()
            assert " style=" not in html and "<style" not in html and "onclick" not in html, url


def test_detail_shows_value_target_arithmetic_and_source(client, full):
    html = get(client, full.office, reverse("evidence:detail", args=["AIR.PM25.MEAN"])).content.decode()
    flat = re.sub(r"[\u2009\u00a0]", " ", html)
    # (31*31 + 32*28 + 33*31) / 90 = 2880/90 = 32
    assert "32 μg/m³" in flat and "不高于 30 μg/m³" in flat and "还差" not in flat
    assert "按天数加权平均" in flat and "同比下降" in flat and "剩余 275 天" in flat or "剩余 276 天" in flat
    assert 'data-ref="obs:' in html or "obs:" in html
    assert "东县" in html


def test_english_page_has_english_arithmetic(client, full):
    client.force_login(full.office)
    html = client.get(reverse("evidence:detail", args=["AIR.PM25.MEAN"]), headers={"Accept-Language": "en"}).content
    assert b"weighted by days" in html or "按天数加权平均".encode() in html


def test_fill_review_and_return_through_the_pages(client, full):
    client.force_login(full.ecology)
    form = {"indicator": "FOR.COVER", "region": full.city.pk, "period": str(YEAR), "value": "67.7", "submit": "1"}
    refused = client.post(reverse("evidence:fill"), form, follow=True)
    assert "没有来源的数字不能入库" in refused.content.decode()
    done = client.post(reverse("evidence:fill"), form | {"source": "doc:1#1-9"}, follow=True)
    assert "已报送，待复核" in done.content.decode()
    row = Observation.objects.get(indicator__code="FOR.COVER")
    client.force_login(full.office)
    assert "森林覆盖率" in client.get(reverse("evidence:review")).content.decode()
    client.post(reverse("evidence:send-back", args=[row.pk]), {"opinion": "缺佐证"})
    row.refresh_from_db()
    assert row.status == "returned"


def test_lock_and_unlock_through_the_pages(client, full):
    client.force_login(full.office)
    client.post(reverse("evidence:lock"), {"region": full.city.pk, "year": str(YEAR - 1), "group": ""})
    held = Lock.objects.get()
    client.force_login(full.leader)
    client.post(reverse("evidence:unlock", args=[held.pk]), {"opinion": "复查"})
    held.refresh_from_db()
    assert held.unlocked_at is not None


def test_export_equals_the_list(client, full):
    response = get(client, full.office, reverse("evidence:export"), light="red")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).worksheets[0]
    rows = [row for row in sheet.iter_rows(values_only=True) if row[0] == "AIR.PM25.MEAN"]
    listed = get(client, full.office, reverse("evidence:list"), light="red").context["listing"].total
    assert len(rows) == listed


def test_csv_has_every_value_with_its_source(client, full):
    lines = get(client, full.office, reverse("evidence:data", args=["AIR.PM25.MEAN"])).content.decode("utf-8-sig")
    assert len(lines.splitlines()) == 1 + 9 and "doc:1#1-2" in lines


def test_list_pages_have_a_constant_number_of_queries(client, full, put, kept, django_assert_max_num_queries):
    client.force_login(full.office)
    client.get(reverse("evidence:list"))
    with django_assert_max_num_queries(12):
        client.get(reverse("evidence:list"))


def test_english_pages_name_states_aims_groups_and_periods_in_english(client, full):
    client.force_login(full.office)
    row, goal = Observation.objects.filter(end__year=YEAR).first(), Target.objects.get()
    names = {full.office.name, full.city.name, full.east.name, full.office.department.name}
    urls = [
        reverse("evidence:list"), reverse("evidence:targets"), reverse("evidence:detail", args=["AIR.PM25.MEAN"]),
        reverse("evidence:observation", args=[row.pk]), reverse("evidence:target", args=[goal.pk]),
    ]  # fmt: skip
    zh = set()
    for url in urls:
        main = re.search(r"<main.*?</main>", client.get(url, {"language": "en"}).content.decode(), re.S).group()
        zh |= set(re.findall(r">\s*([^<>]*[\u4e00-\u9fff][^<>]*?)\s*<", main))
    # Aliases and definitions of the catalogue stay Chinese: they are what documents call the indicator.
    states = r"^(已确认|待复核|有效|约束性|预期性|逐期累加|平均|实际值|逆向|正向|空气质量|[1-9]月)"
    found = {text for text in zh if re.search(states + r"|\d{4}年|不低于|不高于|达到", text)}
    assert found - names == set()


def test_the_chinese_of_an_error_stays_chinese_on_an_english_page(full):
    from django.utils import translation

    with translation.override("en"):
        goal = Target.objects.get()
        assert goal.get_status_display() == "In force" and goal.status_zh == "有效"
