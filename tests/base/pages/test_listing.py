"""Lists: everything in the address, a fixed number of queries, far pages from the near end."""

import datetime

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec

LIGHTS = (("red", "红灯"), ("yellow", "黄灯"), ("green", "绿灯"))
FILTERS = (
    FilterSpec("q", "任务", kind="text", fields=("title", "unit")),
    FilterSpec("unit", "牵头单位", kind="department", choices=lambda: [("水利局", "水利局"), ("林业局", "林业局")]),
    FilterSpec("due", "期限", kind="date_range"),
    FilterSpec("late", "逾期", kind="bool"),
    FilterSpec(
        "light",
        "亮灯",
        choices=LIGHTS,
        in_bar=False,
        lights={"red": "red"},
        counts=lambda rows: {key: rows.filter(light=key).count() for key, _word in LIGHTS},
    ),
)
SORTS = (SortSpec("due", ("due", "pk")), SortSpec("title", ("title",)), SortSpec("new", ("pk",), descending_first=True))


def make(lines, count=45):
    day = datetime.date(2026, 1, 1)
    lines.objects.bulk_create(
        lines(
            pk=number,
            title=f"任务{number:03d}",
            unit="水利局" if number % 3 else "林业局",
            light=LIGHTS[number % 3][0],
            due=day + datetime.timedelta(days=(number * 7) % 30),
            late=number % 5 == 0,
        )
        for number in range(1, count + 1)
    )


def listing(lines, query="", **options):
    request = RequestFactory().get(f"/list/?{query}")
    return Listing(request, lines.objects.all(), filters=FILTERS, sorts=SORTS, **options)


def test_three_queries_whatever_the_page(lines):
    make(lines)
    seen = []
    for query in ("", "page=2&per=10", "page=5&per=10", "light=red&q=任务", "page=999"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            found = listing(lines, query)
            assert found.rows and found.total
            assert found.page_links and found.next_url is not None
        seen.append(len(queries))
    assert seen == [3] * 5


def test_pages_cover_every_row_once_in_order(lines):
    make(lines)
    expected = list(lines.objects.order_by("due", "pk").values_list("pk", flat=True))
    got = [row.pk for page in range(1, 6) for row in listing(lines, f"per=10&page={page}").rows]
    assert got == expected
    down = [row.pk for page in range(1, 6) for row in listing(lines, f"per=10&sort=-due&page={page}").rows]
    assert down == expected[::-1]


def test_far_pages_are_read_from_the_end(lines):
    make(lines)
    with CaptureQueriesContext(connection) as queries:
        assert len(listing(lines, "per=10&page=5").rows) == 5
    keys = queries[1]["sql"]
    assert "DESC" in keys and "OFFSET" not in keys


def test_filters_narrow_and_are_removed_one_by_one(lines):
    make(lines)
    found = listing(lines, "light=red&late=1&per=10&page=2&sort=-due")
    assert {row.light for row in found.rows} == {"red"} and all(row.late for row in found.rows)
    assert found.total == sum(1 for n in range(1, 46) if n % 3 == 0 and n % 5 == 0)
    assert [bound.key for bound in found.applied] == ["late", "light"]
    assert found.filter("late").remove_url == "/list/?light=red&per=10&sort=-due"
    assert found.clear_url == "/list/?per=10&sort=-due"
    assert found.is_filtered and not listing(lines, "per=10").is_filtered


def test_text_searches_all_its_fields(lines):
    make(lines)
    assert listing(lines, "q=林业").total == 15
    assert listing(lines, "q=任务007").total == 1
    assert listing(lines, "q=100%25").total == 0  # a wildcard of the database is a plain sign


def test_date_range_includes_both_ends(lines):
    for day in (1, 10, 20):
        lines.objects.create(title="a", unit="b", light="red", due=datetime.date(2026, 3, day))
    lines.objects.create(title="无期限", unit="b", light="red", due=None)
    assert listing(lines, "due_from=2026-03-01&due_to=2026-03-10").total == 2
    assert listing(lines, "due_from=2026-03-10").total == 2
    typed = listing(lines, "due_from=2026年3月10日&due_to=2026/3/31")  # where a browser has no calendar to pick from
    assert typed.total == 2 and typed.filter("due").value == ("2026-03-10", "2026-03-31")
    assert listing(lines, "due_to=2026-02-28").total == 0
    assert listing(lines).total == 4


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("due_from=2026-13-01", "不是日期"),
        ("due_from=2026-03-02&due_to=2026-03-01", "起日晚于止日"),
        ("light=blue", "没有“blue”这个选项"),
        ("unit=财政局", "没有“财政局”这个选项"),
    ],
)
def test_parameters_that_are_not_understood_are_said(lines, query, words):
    found = listing(lines, query)
    assert len(found.problems) == 1 and words in found.problems[0]


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=-1", "page=x", "page=99999999999999999999", "page=²", "per=7", "sort=;drop", "q=%00", "light="],
)
def test_bad_parameters_fall_back(lines, query):
    make(lines, 25)
    found = listing(lines, query)
    assert found.rows and found.per_page == 20 and 1 <= found.page <= found.pages and not found.problems


def test_empty_list_shows_no_range(lines):
    found = listing(lines)
    assert (found.total, found.first, found.last, found.pages, found.rows) == (0, 0, 0, 1, [])
    assert found.previous_url == "" and found.next_url == ""


def test_segments_count_the_list_without_their_own_filter(lines):
    make(lines)
    found = listing(lines, "light=red&unit=林业局")
    buttons = {button["label"]: button for button in found.filter("light").segments}
    everything = listing(lines, "unit=林业局")
    assert buttons["全部"]["count"] == everything.total == sum(b["count"] for k, b in buttons.items() if k != "全部")
    assert buttons["红灯"]["selected"] and not buttons["黄灯"]["selected"]
    assert buttons["红灯"]["light"] == "red"
    assert listing(lines, buttons["红灯"]["url"].partition("?")[2]).total == buttons["红灯"]["count"]


def test_count_may_come_from_elsewhere(lines):
    make(lines)
    asked = []

    def count(queryset, values):
        asked.append(values)
        return queryset.count()

    assert listing(lines, "light=red", count=count).total == 15
    assert asked == [{"light": "red"}]


def test_sort_links_turn_round_and_say_their_state(lines):
    make(lines)
    plain = listing(lines)
    assert plain.sort_state("due") == {"url": "/list/?sort=-due", "aria": "ascending"}
    assert plain.sort_state("title") == {"url": "/list/?sort=title", "aria": ""}
    assert plain.sort_state("new") == {"url": "/list/?sort=-new", "aria": ""}
    assert listing(lines, "sort=-due").sort_state("due")["aria"] == "descending"
    with pytest.raises(KeyError):
        plain.sort_state("nothing")


def test_page_links_keep_first_last_and_neighbours(lines):
    make(lines, 200)
    links = listing(lines, "per=10&page=10").page_links
    assert [link.get("number", "…") for link in links] == [1, "…", 9, 10, 11, "…", 20]


def test_export_reads_the_same_rows_as_the_pages(lines):
    make(lines)
    found = listing(lines, "light=red&per=10")
    assert [row.pk for row in found.all_rows()] == list(
        lines.objects.filter(light="red").order_by("due", "pk").values_list("pk", flat=True)
    )


def test_decorate_reaches_page_and_export(lines):
    from django.db.models import Value

    make(lines, 3)
    found = listing(lines, decorate=lambda rows: rows.annotate(mark=Value("m")))
    assert {row.mark for row in found.rows} == {"m"} == {row.mark for row in found.all_rows()}


def test_a_query_dict_serves_in_jobs(lines):
    make(lines)
    found = Listing(QueryDict("light=red"), lines.objects.all(), filters=FILTERS, sorts=SORTS)
    assert sum(1 for _ in found.all_rows()) == found.total == 15


def test_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="unknown kind"):
        FilterSpec("a", "b", kind="regex")


def test_form_carries_other_parameters_along(lines):
    make(lines)
    found = listing(lines, "light=red&per=10&page=3&open=4&region=360800&q=任务")
    assert found.kept_parameters == [("light", "red"), ("per", "10"), ("region", "360800")]
    assert found.query_text == "light=red&per=10&region=360800&q=%E4%BB%BB%E5%8A%A1"
