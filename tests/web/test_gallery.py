"""The gallery shows every component in every state; its markup is sound for screen readers."""

import re
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.template import Context, Engine
from django.test import RequestFactory
from lxml import html as lxml_html

from ecocloud.web import gallery

PACKAGE = Path(__file__).resolve().parents[2] / "ecocloud"


@pytest.fixture
def page(monkeypatch):
    """``page(query) -> parsed page``, framed for nobody (the frame with a person is tested in the browser)."""
    engine = Engine(
        dirs=[PACKAGE / "web" / "templates", PACKAGE / "base" / "pages" / "templates"],
        builtins=[
            "django.templatetags.i18n",
            "django.templatetags.static",
            "ecocloud.base.pages.templatetags.pages",
        ],
        libraries={"l10n": "django.templatetags.l10n", "shell": "ecocloud.web.templatetags.shell"},
    )

    def render(request, name, context):
        values = {"request": request, "csrf_token": "t", "menu": [], "site_name": "样例", "is_sample": True}
        return HttpResponse(engine.get_template(name).render(Context(values | context)))

    monkeypatch.setattr(gallery, "render", render)

    def _page(query=""):
        answer = gallery.gallery(RequestFactory().get(f"/gallery/?{query}"))
        return lxml_html.document_fromstring(answer.content.decode())

    return _page


def test_it_lists_ten_thousand_rows_in_pages(page):
    tree = page()
    assert tree.cssselect("[data-total]")[0].get("data-total") == "10000"
    assert len(tree.cssselect("#rows tbody tr a.t")) == 10
    last = page("page=1000")
    assert "9\u2009991–10\u2009000" in last.cssselect(".pager")[0].text_content()


@pytest.mark.parametrize(
    "query", ["", "open=14", "q=没有这样的任务", "theme=dark", "type=large", "light=red&step=work"]
)
def test_markup_is_sound(page, query):
    tree = page(query)
    ids = [element.get("id") for element in tree.iter() if isinstance(element.tag, str) and element.get("id")]
    assert sorted(ids) == sorted(set(ids)), "an id is used twice"
    for attribute in ("for", "aria-labelledby", "aria-describedby", "data-dialog", "data-bulk"):
        for element in tree.xpath(f"//*[@{attribute}]"):
            assert set(element.get(attribute).split()) <= set(ids), f"{attribute}={element.get(attribute)}"
    assert len(tree.cssselect("h1")) == 1 and len(tree.cssselect("main")) == 1
    assert not tree.xpath("//*[@style] | //style | //script[not(@src)]")
    assert all(cell.get("scope") for cell in tree.cssselect("th"))
    for control in tree.cssselect("main input:not([type=hidden]), main select, main textarea"):
        named = control.get("aria-label") or tree.xpath("//label[@for=$id]", id=control.get("id") or "-")
        assert named or any(True for _ in control.iterancestors("label")), lxml_html.tostring(control)
    for picture in tree.xpath("//*[@role='img']"):
        assert picture.get("aria-label")


def test_words_stand_beside_every_colour(page):
    for element in page().cssselect(".light, .tag, .aqi, .wq"):
        assert element.text_content().strip()


def test_filters_in_the_address_reach_the_list(page):
    tree = page("light=red&late=1&q=巡查")
    assert {light.text_content() for light in tree.cssselect("#rows .light")} == {"逾期"}
    assert [link.get("aria-label") for link in tree.cssselect(".filterbar .drop")] == ["移除条件 任务 巡查"]
    assert tree.cssselect(".filterbar a.quiet")[0].text_content() == "清除条件"
    assert not page().cssselect(".filterbar a.quiet")


def test_an_empty_list_says_what_why_and_one_action(page):
    tree = page("q=没有这样的任务")
    empty = tree.cssselect("#rows .empty")[0]
    assert "没有符合条件的任务" in empty.text_content() and len(empty.cssselect("a")) == 1


def test_drawer_and_themes_live_in_the_address(page):
    tree = page("open=14")
    assert len(tree.cssselect("#drawer .drawer h2")) == 1
    assert tree.cssselect("#drawer [data-close-drawer]")[0].get("href") == "/gallery/"
    assert page("").cssselect("#drawer")[0].text is None and not len(page("").cssselect("#drawer")[0])
    assert "theme-dark" in page("theme=dark").get("class") and "large" in page("type=large").get("class")


def test_each_chart_has_its_table(page):
    figures = page().cssselect("figure.figure")
    assert len(figures) >= 7
    assert all(figure.cssselect("details table tbody tr") for figure in figures)


def test_long_names_are_whole(page):
    text = re.sub(r"\s+", "", page("q=YL-2026-00007").text_content())
    assert re.sub(r"\s+", "", gallery.LONG_TASK) in text and gallery.LONG_UNIT in text
