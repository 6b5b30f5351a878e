"""Pages, report and workbook of a run: the same totals everywhere, every number opens its card, only those in reach."""

import csv
import io
import json
import re
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from ecocloud.base.officedocs import docx_text
from ecocloud.domains.gep import queries
from ecocloud.domains.gep.models import Published, RunLine
from ecocloud.domains.gep.results import reading
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.journal.refs import resolve

pytestmark = pytest.mark.django_db
VIEWS = ["overview", "regions", "change", "published", "gaps", "methods"]


def number(text):
    return D(text.replace("\u2009", "").replace("−", "-"))


def totals(page):
    """The last rows of the tables of a page: their cells."""
    rows = re.findall(r'<tr class="gep-sum">(.*?)</tr>', page, re.S)
    return [[number(one) for one in re.findall(r"<b>([−\d.\u2009]+)</b>", row)] for row in rows]


def left_in_chinese(page):
    """What stands in Chinese on an English page beside names and quoted originals."""
    body = page[page.index("<main") : page.index("<footer")]
    body = re.sub(r'<(\w+)[^>]* lang="zh-CN"[^>]*>.*?</\1>', " ", body, flags=re.S)
    for name in ("青山县生态产品总值核算", "青山县", "上游镇", "下游乡", "试验市生态文明办", "发改基础〔2022〕481号"):
        body = body.replace(name, " ")
    return set(re.findall(r"[\u4e00-\u9fff]+", re.sub(r"<[^>]+>", " ", body)))


def content(answer):
    return b"".join(answer.streaming_content)


def test_page_report_workbook_and_list_have_the_same_total(run, place, at):
    client = at(place.office)
    total = queries.totals(run)[2024]
    page = client.get(reverse("gep:results", args=[run.pk])).content.decode()
    assert [one[0] for one in totals(page)[:2]] == [total] * 2 and len(totals(page)) == 4
    assert totals(page)[2][-1] == total and total in totals(page)[3]
    regions = client.get(reverse("gep:results", args=[run.pk]), {"view": "regions"}).content.decode()
    assert total in totals(regions)[0] and totals(regions)[1][:2] == [total, 50000]  # GDP is the county's alone
    assert len(totals(regions)[1]) == 7
    told = docx_text(content(client.get(reverse("gep:result-file", args=[run.pk, "docx"]))))
    assert f"GEP为{total}万元" in re.sub(r"\[\d+\]", "", told)
    book = load_workbook(io.BytesIO(content(client.get(reverse("gep:result-file", args=[run.pk, "xlsx"])))))
    for sheet, at_column in (("分服务价值量", 2), ("分地区价值量", 4), ("核算明细", 10)):
        lines = list(book[sheet].values)
        assert D(str(lines[-1][at_column])) == total == sum(D(str(line[at_column])) for line in lines[1:-1])
    sent = client.get(reverse("gep:lines", args=[run.pk]), {"year": 2024, "export": "csv"})
    rows = list(csv.reader(io.StringIO(content(sent).decode("utf-8-sig"))))
    assert sum(D(row[-1]) for row in rows[1:]) == total
    exports = [json.loads(one.after) for one in Entry.objects.filter(action="web.list.export").order_by("pk")]
    assert [one["form"] for one in exports] == ["docx", "xlsx", "csv"] and exports[0]["rows"] == len(rows) - 1


def test_each_number_opens_the_lines_it_is_the_sum_of(run, place, at):
    client = at(place.office)
    page = client.get(reverse("gep:results", args=[run.pk])).content.decode()
    links = re.findall(r'<a class="gep-n" href="([^"]+)">([^<]+)</a>', page)
    assert len(links) > 15
    seen = 0
    for url in list(dict(links))[::3]:
        shown = client.get(url.replace("&amp;", "&")).content.decode()
        found = number(re.search(r'gep-sums.*?<span class="num">([^<]+)<', shown, re.S)[1])
        values = [number(one) for one_url, one in links if one_url == url]
        assert found in values, url
        seen += 1
    assert seen > 5


def test_the_card_of_a_line_has_formula_inputs_and_sources(run, place, at):
    line = RunLine.objects.filter(account__run=run, item="retained", part="11", account__year=2024).get()
    page = at(place.office).get(reverse("gep:line", args=[line.pk])).content.decode()
    assert "Q = Σ A·(P − P·α − ET)·10⁻³" in page and "÷ 10⁴" in page
    assert page.count('class="ev') == 3 and "HJ 1173—2021 附录A" in page
    assert "龚诗涵等2017" in page and "平均径流系数" in page and "水库单位库容造价" in page


@pytest.mark.parametrize("view", VIEWS)
def test_every_part_opens_in_chinese_and_in_english(run, place, at, view):
    client = at(place.office)
    url = reverse("gep:results", args=[run.pk])
    for price in ("", "constant"):
        assert client.get(url, {"view": view, "price": price}).status_code == 200
    page = client.get(url, {"view": view, "language": "en"}).content.decode()
    assert left_in_chinese(page) == set()


def test_constant_prices_are_the_year_of_the_switch(run, place, at):
    client, url = at(place.office), reverse("gep:results", args=[run.pk])
    found = reading.outcome_of(run, 2024, 2023)
    constant = sum(one.total for one in found.constant)
    page = client.get(url, {"price": "constant", "base": 2023}).content.decode()
    assert totals(page)[0][0] == constant and "2023年不变价" in page
    assert client.get(url, {"price": "constant", "base": "x", "year": "1"}).status_code == 200


def test_the_change_adds_up_on_the_page(run, place, at):
    page = at(place.office).get(reverse("gep:results", args=[run.pk]), {"view": "change"}).content.decode()
    (before, after, change, area, quality, price) = totals(page)[-1]
    assert area + quality + price == change == after - before
    assert (before, after) == tuple(queries.totals(run).values())
    assert "bar-full" in page and price == 0 < area


def test_an_account_confirmed_elsewhere_is_the_year_before(run, place, at):
    """The run of 2024 alone is compared with the standing accounts of 2023."""
    from ecocloud.domains.gep.models import RunAccount

    RunAccount.objects.filter(run=run, year=2023).update(standing=True)
    found = reading.outcome_of(run, 2024)
    assert found.before == 2023
    alone = RunAccount.objects.filter(run=run, year=2024)
    assert len(reading._standing(run, list(alone))) == 0  # its own are not others'


@pytest.mark.parametrize("who", ["stranger"])
def test_others_see_nothing(run, place, at, who):
    client, line = at(getattr(place, who)), RunLine.objects.first()
    for route, args in (("results", [run.pk]), ("lines", [run.pk]), ("line", [line.pk]),
                        ("result-file", [run.pk, "docx"])):  # fmt: skip
        assert client.get(reverse(f"gep:{route}", args=args)).status_code == 404, route
    page = client.get(reverse("gep:result-list")).content.decode()
    assert run.accounting.title not in page


def test_readers_see_but_enter_nothing(run, place, at):
    client = at(place.reader)
    assert run.accounting.title in client.get(reverse("gep:result-list")).content.decode()
    assert client.get(reverse("gep:results", args=[run.pk])).status_code == 200
    assert client.get(reverse("gep:published", args=[run.accounting_id, 2024])).status_code == 403


def test_published_figures_are_entered_and_compared(run, place, at):
    client, url = at(place.office), reverse("gep:published", args=[run.accounting_id, 2024])
    assert client.get(url).status_code == 200
    refused = client.post(url, {"value-": "7000", "source": ""})
    assert (
        refused.status_code == 400 and "来源" in refused.content.decode() and 'value="7000"' in refused.content.decode()
    )
    bad = client.post(url, {"value-carbon_fixation": "三亿", "source": "公报"})
    assert "固碳" in bad.content.decode() and not Published.objects.exists()
    sent = {"value-": "7000", "value-carbon_fixation": "1,000.50", "reason-carbon_fixation": "公报用造林成本",
            "value-farm_products": "300", "source": "2024年公报"}  # fmt: skip
    assert client.post(url, sent).status_code == 302
    assert {one.service: one.value for one in Published.objects.all()} == {
        "": 7000, "carbon_fixation": D("1000.5"), "farm_products": 300,
    }  # fmt: skip
    page = client.get(reverse("gep:results", args=[run.pk]), {"view": "published"}).content.decode()
    assert "公报用造林成本" in page and "2024年公报" in page and "未说明" in page
    total = queries.totals(run)[2024]
    told = docx_text(content(client.get(reverse("gep:result-file", args=[run.pk, "docx"]))))
    assert f"GEP\t7000.00\t{total}\t{'+' if total > 7000 else ''}{total - 7000}" in told
    assert client.post(url, {"value-farm_products": "", "value-": "7000", "source": "公报"}).status_code == 302
    assert list(Published.objects.values_list("service", flat=True)) == [""]
    assert Entry.objects.filter(action="gep.published.set").count() == 2
    assert client.get(reverse("gep:published", args=[run.accounting_id, 2020])).status_code == 404


def test_editions_and_methods(place, at):
    client = at(place.reader)
    page = client.get(reverse("gep:editions")).content.decode()
    assert "GB/T 46869—2025" in page and "缺 10 项公式" in page and "默认" in page
    shown = client.get(reverse("gep:edition", args=["gbt-46869-2025"])).content.decode()
    assert shown.count("公式没有见到") >= 10 and "据公开转述" in shown
    method = client.get(reverse("gep:method", args=["water.balance"])).content.decode()
    assert "平均径流系数" in method and "19.2" in method and "水库单位库容造价" in method
    none = client.get(reverse("gep:method", args=["coast.length"])).content.decode()
    assert "没有公布价格" in none and "海岸防护工程单位造价" in none
    for url in (["editions"], ["edition", "ndrc-481-2022"], ["method", "tourism.revenue"], ["result-list"]):
        english = client.get(reverse(f"gep:{url[0]}", args=url[1:]), {"language": "en"}).content.decode()
        assert left_in_chinese(english) == set(), url
    for route, code in (("edition", "x"), ("method", "x")):
        assert client.get(reverse(f"gep:{route}", args=[code])).status_code == 404


def test_the_number_of_questions_does_not_grow_with_the_lines(run, place, at, kept):
    client, url = at(place.office), reverse("gep:results", args=[run.pk])
    for view in VIEWS:
        client.get(url, {"view": view})
        with CaptureQueriesContext(connection) as seen:
            client.get(url, {"view": view})
        assert len(seen) <= 16, (view, len(seen), "\n".join(one["sql"][:150] for one in seen.captured_queries))


def test_a_file_of_another_form_is_not_there(run, place, at):
    assert at(place.office).get(reverse("gep:result-file", args=[run.pk, "pdf"])).status_code == 404


def test_the_api_gives_the_same_totals_and_lines_with_their_sources(run, place, at):
    client, total = at(place.office), queries.totals(run)[2024]
    (told,) = client.get("/api/gep/runs").json()
    assert told["totals"]["2024"] == str(total) and told["state"] == "draft"
    found = client.get(f"/api/gep/runs/{run.pk}/results", {"base_year": 2023}).json()
    assert found["gep"] == str(total) and found["gep_of_gdp"]
    by_key = {one["key"]: one for one in found["tables"]}
    for key in ("groups", "services", "items"):
        assert by_key[key]["total"]["价值量（现价）"] == str(total)
    assert by_key["regions"]["total"]["合计"] == by_key["ecosystems"]["total"]["合计"] == str(total)
    lines = client.get(f"/api/gep/runs/{run.pk}/lines", {"year": 2024}).json()
    assert sum(D(one["value"]) for one in lines) == total
    assert all(used["source"] for one in lines for used in one["used"])
    assert client.get(f"/api/gep/runs/{run.pk}/lines", {"year": 2024, "start": 3}).json() == lines[3:]
    assert client.get(f"/api/gep/runs/{run.pk}/results", {"year": 1999}).status_code == 404
    stranger = at(place.stranger)
    assert stranger.get("/api/gep/runs").json() == []
    assert stranger.get(f"/api/gep/runs/{run.pk}/lines", {"year": 2024}).status_code == 404


def test_an_expert_says_something_of_a_line(run, place, at):
    client, line = at(place.reader), RunLine.objects.filter(account__run=run).first()
    url = reverse("gep:line", args=[line.pk])
    assert "还没有意见" in client.get(url).content.decode()
    client.post(reverse("gep:comment", args=[run.pk]), {"line": line.pk, "text": "面积与三调不符"})
    assert "面积与三调不符" in client.get(url).content.decode()


def test_references_open_the_lines_they_name(run, place, at):
    def opened(ref):
        return resolve(ref, place.office)

    assert opened(run.ref).url == reverse("gep:results", args=[run.pk])
    region = opened(f"{run.ref}#{place.upper.pk}-2024")
    assert region.url.endswith(f"lines/?year=2024&region={place.upper.pk}") and region.place == "上游镇 2024"
    service = opened(f"{run.ref}#{place.county.pk}-2024-carbon_fixation")
    assert service.url.endswith("year=2024&service=carbon_fixation") and "固碳" in service.place
    assert opened(f"{run.ref}#{place.county.pk}-2024").url.endswith(f"results/{run.pk}/?year=2024")
    for odd in ("x", "1-2", f"{place.county.pk}-2024-nothing", f"{place.county.pk}-year"):
        assert opened(f"{run.ref}#{odd}").url == reverse("gep:results", args=[run.pk])
    for url in (region.url, service.url):
        assert at(place.office).get(url).status_code == 200
    assert resolve(run.ref, place.stranger).url == ""
