"""The pages of an import, with a stand-in for the shell's layout."""

import io
import re
from types import ModuleType, SimpleNamespace

import openpyxl
import pytest
from django.http import Http404
from django.test import RequestFactory
from django.urls import include, path

from ecocloud.base.errors import Forbidden
from ecocloud.base.sheets import registry, views
from ecocloud.base.sheets.models import ImportBatch

pytestmark = pytest.mark.django_db
ZHANG = SimpleNamespace(pk=1, name="张三", is_authenticated=True)
LAYOUT = (
    "<title>{% block title %}{% endblock %}</title>{% block crumbs %}{% endblock %}"
    "<h1>{% block heading %}{% endblock %}</h1>"
    "{% block subtitle %}{% endblock %}{% block toolbar %}{% endblock %}{% block content %}{% endblock %}"
)
HEAD = ["编号", "任务名称", "数量"]


@pytest.fixture(autouse=True)
def site(settings, tmp_path, spec, monkeypatch):
    urls = ModuleType("urls_of_the_test")
    urls.urlpatterns = [path("imports/", include("ecocloud.base.sheets.urls"))]
    settings.ROOT_URLCONF = urls
    settings.MEDIA_ROOT = tmp_path / "files"
    loaders = [
        ("django.template.loaders.locmem.Loader", {"web/base.html": LAYOUT}),
        "django.template.loaders.app_directories.Loader",
    ]
    settings.TEMPLATES = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {"loaders": loaders, "string_if_invalid": "!!%s!!"},
        }
    ]
    monkeypatch.setattr(registry, "_targets", {})
    monkeypatch.setattr(registry, "_hooks", {})
    table = {("T2",): {"code": "T2", "title": "旧", "count": 2}}
    target = registry.ImportTarget(
        "ledger", "任务台账", "p", lambda user: spec, lambda user: table,
        lambda user, rows: table.update({row.key: row.values for row in rows}),
    )  # fmt: skip
    registry.register_target(target)
    registry.set_permission_checker(lambda user, code: user.pk == 1)
    return table


def call(view, method="get", data=None, user=ZHANG, query="", **arguments):
    request = getattr(RequestFactory(), method)(f"/x/{query}", data or {})
    request.user = user
    response = view(request, **arguments)
    if response.streaming:
        return response, b"".join(response.streaming_content)
    text = response.content.decode()
    assert "!!" not in text and "style=" not in text and "<script" not in text
    return response, text


def send(book, rows, head=HEAD):
    data = io.BytesIO(book([head, *rows]))
    data.name = "台账.xlsx"
    return call(views.upload, "post", {"file": data}, target="ledger")


def test_upload_page_and_template():
    _, page = call(views.upload, target="ledger")
    assert page.count("<h1") == 1
    assert "导入任务台账" in page and "50000" in page and "/imports/ledger/template.xlsx" in page
    response, data = call(views.template, target="ledger")
    assert "%E4%BB%BB%E5%8A%A1%E5%8F%B0%E8%B4%A6" in response["Content-Disposition"]
    assert openpyxl.load_workbook(io.BytesIO(data)).sheetnames[0] == "任务台账"


def test_preview_commit_and_result(book, site):
    response, _ = send(book, [["T1", "<b>a", 1], ["T2", "新", 2], ["T4", None, "多"]])
    batch = ImportBatch.objects.get()
    assert response.status_code == 302 and response.url == f"/imports/batch/{batch.pk}/"
    _, page = call(views.preview, pk=batch.pk)
    assert re.findall(r'aria-selected="(\w+)">(\w+)<span class="n">(\d+)', page) == [
        ("true", "错误", "1"), ("false", "新增", "1"), ("false", "更新", "1"), ("false", "不变", "0"),
    ]  # fmt: skip
    assert 'class="rowerror"' in page and "任务名称：没有填写" in page and "数量：“多”不是数字" in page
    assert '<span class="error">多</span>' in page
    _, page = call(views.preview, query="?tab=changed", pk=batch.pk)
    assert "任务名称：<del>旧</del> → <b>新</b>" in page
    _, page = call(views.preview, query="?tab=new", pk=batch.pk)
    assert "&lt;b&gt;a" in page
    response, page = call(views.commit, "post", pk=batch.pk)
    assert response.status_code == 400 and "没有写入任何数据" in page and ("T1",) not in site
    response, _ = call(views.commit, "post", {"skip_errors": "1"}, pk=batch.pk)
    assert response.status_code == 302 and site["T1",]["count"] == 1
    _, page = call(views.preview, pk=batch.pk)
    assert "已写入：新增 1 行，更新 1 行" in page and "<form" not in page
    _, data = call(views.error_file, pk=batch.pk)
    assert "没有填写" in openpyxl.load_workbook(io.BytesIO(data)).active["D4"].value
    _, page = call(views.upload, target="ledger")
    assert "台账.xlsx" in page and "已导入" in page


def test_mapping_page(book):
    response, _ = send(book, [["T1", "a", 1]], head=["编号", "事项", "数量"])
    batch = ImportBatch.objects.get()
    assert response.url.endswith("/mapping/")
    _, page = call(views.mapping, pk=batch.pk)
    assert "还有必填项没有对应的列：任务名称" in page and '<option value="code" selected>' in page
    response, page = call(views.mapping, "post", {"c1": "code", "c2": "code"}, pk=batch.pk)
    assert response.status_code == 400 and "对应了两列" in page
    response, _ = call(views.mapping, "post", {"c1": "code", "c2": "title", "remember": "1"}, pk=batch.pk)
    assert response.status_code == 302
    response, _ = send(book, [["T5", "b", 1]], head=["编号", "事项", "数量"])
    assert not response.url.endswith("/mapping/")


def test_refusals_are_sentences_on_the_page(book):
    response, page = call(views.upload, "post", {}, target="ledger")
    assert response.status_code == 400 and "请先选择文件" in page
    response, page = send(book, [])
    assert response.status_code == 400 and "没有数据行" in page
    assert ImportBatch.objects.get().status == "cancelled"


def test_pages_of_fifty_rows(book):
    send(book, [[f"N{n}", "a", n] for n in range(51)])
    batch = ImportBatch.objects.get()
    _, page = call(views.preview, query="?tab=new&page=2", pk=batch.pk)
    assert page.count('<tr><td class="num">') == 1 and "显示 51–51" in page and "上一页" in page


def test_others_see_nothing(book):
    send(book, [["T1", "a", 1]])
    batch = ImportBatch.objects.get()
    other = SimpleNamespace(pk=2, name="李四", is_authenticated=True)
    for view in (views.preview, views.mapping, views.error_file):
        with pytest.raises(Http404):
            call(view, user=other, pk=batch.pk)
    for view in (views.commit, views.cancel):
        with pytest.raises(Http404):
            call(view, "post", user=other, pk=batch.pk)
    for view in (views.upload, views.template):
        with pytest.raises(Forbidden):
            call(view, user=other, target="ledger")
    with pytest.raises(Http404):
        call(views.upload, target="unknown")


def test_cancel(book):
    send(book, [["T1", "a", 1]])
    batch = ImportBatch.objects.get()
    response, _ = call(views.cancel, "post", pk=batch.pk)
    assert response.url == "/imports/ledger/"
    _, page = call(views.preview, pk=batch.pk)
    assert "已取消" in page
