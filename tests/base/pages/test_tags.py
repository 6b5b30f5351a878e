"""What the tags write: words beside every colour, escaped texts, nothing inline."""

import datetime
import re
from decimal import Decimal

import pytest
from django.test import RequestFactory

from ecocloud.base.pages import hooks
from ecocloud.base.pages.charts import Chart, Limit, Series
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec

INLINE = re.compile(r"\sstyle\s*=|\son[a-z]+\s*=|<style|<script|javascript:", re.I)


@pytest.fixture
def resolver(monkeypatch):
    def resolve(ref, viewer):
        known = {"doc:1": hooks.Source("第 4 条", "/source/doc:1", "工作要点"), "doc:2": hooks.Source("内部", "")}
        return known.get(ref)

    monkeypatch.setattr(hooks, "_resolver", resolve)


@pytest.mark.parametrize(
    ("level", "css"), [("green", "g"), ("yellow", "y"), ("red", "r"), ("done", "d"), ("none", "n"), ("odd", "n")]
)
def test_a_light_has_shape_and_word(render, level, css):
    assert render("{% light level '逾期' %}", level=level) == f'<span class="light {css}">逾期</span>'


def test_figures_carry_their_unit_unless_absent(render):
    assert render("{% figure 26.5 'μg/m³' %}") == '<span class="num">26.5<span class="unit">μg/m³</span></span>'
    assert render("{% figure None '件' %}") == '<span class="num">—</span>'
    assert render("{{ 10000|grouped }}") == "10\u2009000"


def test_a_chip_opens_its_source(render, resolver):
    html = render("{% evidence 'doc:1' %}")
    assert 'href="/source/doc:1"' in html and "第 4 条" in html and 'data-ref="工作要点 第 4 条"' in html


def test_a_chip_without_permission_is_text(render, resolver):
    html = render("{% evidence 'doc:2' %}")
    assert "<a" not in html and "内部" in html


def test_an_unknown_reference_leaves_nothing(render, resolver):
    assert render("{% evidence 'doc:9' %}{% evidence '' %}{% evidence None %}") == ""


def test_attainment_is_a_sentence_for_those_who_do_not_see_it(render):
    html = render("{% attain 1.72 2.0 1.9 'negative' 'red' '%' %}")
    assert 'role="img"' in html
    assert 'aria-label="现值 1.72%，序时 1.9%，目标 2.0%，低于目标为好"' in html
    assert 'class="bar r"' in html and not INLINE.search(html)


def test_the_words_of_a_bar_are_no_more_exact_than_its_target(render):
    html = render("{% attain now 24000 pace '' '' '次' %}", now=22178, pace=Decimal("24000") * 303 / 365)
    # 24,000 x 303 / 365 = 19,923.2876..., by calculator
    assert "现值 22 178次，序时 19 923.29次，目标 24 000次" in html.replace("\u2009", " ")


def test_icons_are_named_only_where_they_stand_alone(render):
    assert 'aria-hidden="true"' in render("{% icon 'x' %}")
    alone = render("{% icon 'x' '关闭' 20 %}")
    assert 'role="img" aria-label="关闭"' in alone and "i-20" in alone and "vendor/icons.svg#i-x" in alone


def test_a_mandatory_opinion_names_itself_beside_the_button(render):
    html = render("{% confirm_dialog 'd' '退回反馈' '/x' opinion='required' danger=True fields=f %}", f={"v": "<3>"})
    assert "<dialog" in html and "data-needs-opinion" in html and "required" in html
    assert "填写意见后方可提交" in html and ">退回反馈</h2>" in html and 'value="&lt;3&gt;"' in html
    assert 'name="csrfmiddlewaretoken" value="token"' in html and not INLINE.search(html)


def test_timeline_marks_returns_by_class_and_resolves_chips(render, resolver):
    entry = {"title": "退回", "who": "甲", "unit": "乙局", "at": datetime.datetime(2026, 9, 1, 8), "kind": "back"}
    html = render("{% timeline entries %}", entries=[entry | {"text": "缺<清单>", "refs": ["doc:1"]}])
    assert '<li class="back">' in html and "缺&lt;清单&gt;" in html and "2026-09-01 08:00" in html
    assert 'href="/source/doc:1"' in html


def test_empty_state_says_what_why_and_one_action(render):
    html = render("{% empty '没有逾期任务' '规则于今日计算' '/all' '查看全部' %}")
    assert "没有逾期任务" in html and "规则于今日计算" in html and html.count("<a ") == 1


def test_rowerror_says_cell_reason_and_what_would_be_right(render):
    html = render("{% rowerror 6 'D3 期限' '不是日期' '2026-12-31' %}")
    assert 'colspan="6"' in html and "D3 期限" in html and "不是日期" in html and "应为：2026-12-31" in html


def test_addresses_keep_what_they_do_not_change(render):
    request = RequestFactory().get("/list/?a=1&page=3")
    assert render("{% query_with request page=None b='二' as u %}{{ u|safe }}", request) == "/list/?a=1&b=%E4%BA%8C"
    assert render("{% query_with nobody language='en' %}") == "?language=en"
    link = render("{% query_with request open=5 as u %}<a {% drawer_attrs u %}>x</a>", request)
    assert 'href="/list/?a=1&amp;page=3&amp;open=5"' in link and 'hx-push-url="true"' in link


@pytest.mark.parametrize(("share", "css"), [(0, "w-0"), (49.6, "w-50"), (130, "w-100"), (-3, "w-0"), (None, "w-0")])
def test_width_classes_stay_in_range(render, share, css):
    assert render("{{ share|width_class }}", share=share) == css


def test_a_chart_carries_the_same_numbers_as_a_table(render):
    chart = Chart(
        "line",
        "月均<浓度>",
        ["1月", "2月"],
        [Series("今年", [1234.5, None]), Series("上年", [3, 4], style="reference")],
        unit="μg/m³",
        limits=[Limit("限值", 35)],
        category_label="月份",
    )
    html = render("{% chart spec %}", spec=chart)
    assert html.count("<td") == 4 and "1\u2009234.5" in html and "—" in html
    assert "月均&lt;浓度&gt;" in html and not INLINE.search(html)
    assert '"values": [1234.5, null]'.replace('"', "&quot;") in html
    assert "今年：1 个值，最低 1\u2009234.5（1月）" in chart.sentence


def test_charts_refuse_what_cannot_be_read():
    with pytest.raises(ValueError, match="at most 4"):
        Chart("line", "t", ["a"], [Series(str(n), [1]) for n in range(5)])
    with pytest.raises(ValueError, match="2 values for 1 categories"):
        Chart("bar", "t", ["a"], [Series("s", [1, 2])])
    with pytest.raises(ValueError, match="pie"):
        Chart("pie", "t", ["a"], [Series("s", [1])])


def test_filter_bar_and_pager_are_forms_and_links(render, lines):
    lines.objects.create(title="任务", unit="水利局", light="red")
    request = RequestFactory().get("/list/?light=red&q=任")
    filters = (
        FilterSpec("q", "任务", kind="text", field="title"),
        FilterSpec("light", "亮灯", choices=[("red", "红灯"), ("green", "绿灯")]),
        FilterSpec("due", "期限", kind="date_range"),
    )
    found = Listing(request, lines.objects.all(), filters=filters, sorts=[SortSpec("title", ("title",))])
    html = render(
        "{% filterbar l %}{% segments l 'light' %}<table><tr>{% sortable l 'title' '任务' %}</tr></table>{% pager l %}",
        request,
        l=found,
    )
    assert '<option value="red" selected>' in html and "清除条件" in html
    assert html.count("移除条件") == 2
    assert 'data-total="1"' in html and "显示 1–1" in html
    assert 'aria-sort="ascending"' in html and not INLINE.search(html)
    bare = Listing(RequestFactory().get("/list/"), lines.objects.all(), filters=filters)
    assert "清除条件" not in render("{% filterbar l %}", l=bare)
