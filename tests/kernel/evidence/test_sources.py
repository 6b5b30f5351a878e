"""Sources of the sample site: every reference opens a page of its own that says what it is and what came from it."""

from datetime import date

import pytest
from django.urls import reverse

from ecocloud.kernel.evidence import sample, sources
from ecocloud.kernel.evidence.models import Observation
from ecocloud.kernel.journal.refs import Ref, resolve, resolve_many

pytestmark = pytest.mark.django_db


def place_value(place, ind, source, year=2022):
    return Observation.objects.create(
        indicator=ind("FOR.COVER"), region=place.city, period=str(year), start=date(year, 1, 1), end=date(year, 12, 31),
        unit="%", value=66, status="confirmed", source=source, department=place.units["forestry"],
    )  # fmt: skip


def test_a_row_of_the_workbook_opens_with_its_value(client, place, ind):
    row = place_value(place, ind, "demo:values#row-7")
    place_value(place, ind, "demo:values#row-70", 2021)
    found = resolve("demo:values#row-7", place.office)
    assert found.place == "第 7 行" and found.title == sample.sample_file().demo.title
    client.force_login(place.office)
    page = client.get(found.url)
    html = page.content.decode()
    assert "演示数据" in html and "数值" in html and "第 7 行" in html
    assert [one.pk for one in page.context["here_values"]] == [row.pk]  # not row 70
    assert page.context["listing"].total == 2


def test_a_published_figure_names_publisher_date_and_citation(client, place, ind):
    report = sample.sample_file().public
    row = place_value(place, ind, f"public:{report.key}#figure-2")
    client.force_login(place.office)
    html = client.get(resolve(row.source, place.office).url).content.decode()
    for words in ("公开数据", report.publisher, str(report.published), report.citation, "森林覆盖率"):
        assert words in html


def test_a_value_shows_its_chain(client, place, ind):
    row = place_value(place, ind, "demo:values#row-7")
    client.force_login(place.office)
    html = client.get(reverse("evidence:observation", args=[row.pk])).content.decode()
    chain = html[html.index("来源与去向") :]
    assert "place=row-7" in chain
    assert reverse("evidence:detail", args=["FOR.COVER"]) in chain


@pytest.mark.parametrize("address", ["demo/nothing", "public/nothing", "web/values"])
def test_an_unknown_source_is_not_found(client, place, address):
    client.force_login(place.office)
    assert client.get(f"{reverse('evidence:list')}sources/{address}/").status_code == 404


def test_what_is_out_of_scope_is_not_shown(client, place, ind):
    place_value(place, ind, "demo:values#row-7")
    client.force_login(place.ecology)
    page = client.get(sources.url(Ref("demo", "values", "row-7")))
    assert page.context["here_values"] == [] and page.context["listing"].total == 0


def test_many_references_cost_a_fixed_number_of_queries(place, ind, django_assert_num_queries):
    rows = [place_value(place, ind, f"demo:values#row-{n}", 2000 + n) for n in range(2, 12)]
    refs = [f"obs:{row.pk}" for row in rows] + ["obs:99999", "ind:FOR.COVER"]
    one_by_one = {ref: resolve(ref, place.office) for ref in refs}
    with django_assert_num_queries(3):
        assert resolve_many(refs, place.office) == one_by_one
