"""Questions, tables and comparisons on the site: what is found and kept, who may do what, pages and files."""

import io
import json

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from ecocloud.base.errors import Forbidden
from ecocloud.base.officedocs.reading import docx_text
from ecocloud.intake.documents import finding_queries, services
from ecocloud.intake.documents.models import Question, Record
from ecocloud.intake.documents.review_errors import Incomplete, Stale
from ecocloud.kernel.journal.queries import entries_for

pytestmark = pytest.mark.django_db

# 90 / 60 = 150 %; 3 + 5 = 8, not 9
REPORT = """青瓷市2025年生态文明建设情况的报告

一、2025年工作情况

截至12月份全市存款余额60.00亿元，贷款余额90.00亿元，存贷比140.00%。建设水站3座、气站5座，合计9座。
投入治理资金1.5亿元、修复资金2.5亿元，合计4.0亿元。全市森林覆盖率达到67.0%。
"""


@pytest.fixture
def report(place):
    document, _ = services.upload(place.clerk, "报告.txt", REPORT.encode())
    return document


def page(client, name, *args, query="", status=200):
    response = client.get(reverse(f"documents:{name}", args=args) + query)
    assert response.status_code == status
    return response.content.decode()


def rows(response):
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return [[c.value for c in row] for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows()]


def test_a_document_is_checked_when_it_is_read(report):
    found = list(Question.objects.filter(document=report, holds=False).values_list("kind", flat=True))
    assert sorted(found) == ["ratio", "sum"]
    assert Question.objects.get(document=report, holds=True).arithmetic == "1.5 + 2.5 = 4"
    for row in Question.objects.filter(document=report):
        assert all(REPORT[s["start"] : s["end"]] == s["quote"] and s["place"] for s in row.spans)
    assert entries_for(report.ref).filter(action="documents.question.check").count() == 1


def test_answers_are_kept_and_journalled_and_can_be_taken_back(report, place):
    ratio = Question.objects.get(document=report, kind="ratio")
    with pytest.raises(Incomplete):
        services.answer(place.clerk, ratio, "document_wrong", " ")
    with pytest.raises(Incomplete):
        services.answer(place.clerk, ratio, "maybe", "x")
    with pytest.raises(Forbidden):
        services.answer(place.ranger, ratio, "as_printed", "")
    row = services.answer(place.clerk, ratio, "document_wrong", "应为150%", version=1)
    assert (row.answer, row.note, row.answered_by, row.version) == ("document_wrong", "应为150%", place.clerk, 2)
    with pytest.raises(Stale):
        services.answer(place.clerk, ratio, "as_printed", "", version=1)
    services.check(place.clerk, report)
    row.refresh_from_db()
    assert (row.answer, row.standing) == ("document_wrong", True)
    entry = entries_for(report.ref).filter(action="documents.question.answer").get()
    assert entry.note == "应为150%" and json.loads(entry.after)["kind"] == "ratio"
    services.answer(place.clerk, row, "open", "")
    row.refresh_from_db()
    assert (row.answer, row.answered_by, row.note) == ("open", None, "")


def test_a_corrected_record_takes_its_question_away(report, place):
    share = next(r for r in Record.objects.filter(document=report) if r.payload.get("value") == 140)
    services.edit(place.clerk, share, {"value": "150.00"})
    share.refresh_from_db()
    services.accept(place.clerk, share, changes={"value": "150", "use": "none"})
    counts = services.check(place.clerk, report)
    assert counts["gone"] == 0 or not Question.objects.get(document=report, kind="ratio", holds=False).standing
    assert Question.objects.get(document=report, kind="ratio").holds


def test_targets_of_two_documents_that_differ_are_asked_about_once_on_both(plan, place, inside, review_site):
    other = review_site.PLAN.replace("67.5%", "68.0%").replace("工作要点", "实施方案")
    second, _ = services.upload(place.clerk, "方案.txt", other.encode())
    row = Question.objects.get(document=second, kind="conflict")
    assert row.arithmetic == "68% ≠ 67.5%" and row.other == plan and row.spans[1]["doc"] == plan.ref
    client = inside(place.clerk)
    assert row.words in page(client, "checks", second.pk) and "由另一份文件提出" in page(client, "checks", plan.pk)
    assert f"/documents/{plan.pk}/?at=" in page(client, "checks", second.pk)


def test_what_a_person_may_not_open_is_not_told(plan, place, review_site):
    secret, _ = services.upload(place.clerk, "密.txt", review_site.PLAN.replace("67.5", "68.0").encode())
    services.change_facts(place.clerk, secret, secrecy="public")
    services.check(place.clerk, secret)
    row = Question.objects.select_related("document", "other").get(document=secret, kind="conflict")
    finding_queries.decorate(place.ranger, [row], english=False)  # sees the public one, not the internal plan
    assert plan.title not in row.said and "67.5" not in row.said and row.sums == ""
    assert [span["document"] for span in row.places] == [secret.pk]


def test_list_filters_and_its_file(report, place, inside):
    client = inside(place.clerk)
    body = page(client, "questions")
    assert "140%" in body and "分项相加" in body and body.count("<tr>") >= 3
    assert "分项相加" not in page(client, "questions", query="?kind=ratio")
    table = rows(client.get(reverse("documents:questions-file", args=["xlsx"]) + "?kind=sum"))
    assert len(table) == 2 and table[1][4] == "3 + 5 = 8 ≠ 9"
    assert entries_for("doc:all").filter(action="documents.document.export").count() == 1
    csv = client.get(reverse("documents:questions-file", args=["csv"]))
    assert "90亿元 ÷ 60亿元" in b"".join(csv.streaming_content).decode()
    assert "没有核对问题" in page(inside(place.ranger), "questions")


def test_answers_by_plain_forms(report, place, inside):
    client = inside(place.clerk)
    ratio = Question.objects.get(document=report, kind="ratio")
    url = reverse("documents:answer", args=[report.pk, ratio.pk])
    assert "请写明说明" in client.post(url, {"answer": "noted", "version": 1}, follow=True).content.decode()
    body = client.post(url, {"answer": "noted", "note": "口径不同", "version": 1}, follow=True).content.decode()
    assert "口径不同" in body and "已作说明" in body
    body = client.post(reverse("documents:recheck", args=[report.pk]), follow=True).content.decode()
    assert "已重新核对" in body and "口径不同" in body
    assert "style=" not in body and "onclick" not in body
    assert client.get(reverse("documents:answer", args=[report.pk, ratio.pk])).status_code == 405


def test_tables_count_the_accepted_records_or_all(plan, place, inside):
    client = inside(place.clerk)
    tasks = Record.objects.filter(document=plan, kind="task")
    services.accept(place.clerk, tasks.order_by("start")[0])
    services.reject(place.clerk, tasks.order_by("start")[3], "重复")
    url = reverse("documents:tables-file", args=[plan.pk, "tasks", "xlsx"])
    taken, every = rows(client.get(url)), rows(client.get(url + "?all=1"))
    assert len(taken) == 2 and len(every) == 1 + tasks.count()
    first = tasks.order_by("start")[0]
    assert taken[1][9] == first.quote and taken[1][10] == first.place and taken[1][11] == first.ref
    assert taken[1][4:7] == ["市生态环境局", "市水利局", "2026-11-30"] or "生态环境局" in taken[1][4]
    targets = [r for r in Record.objects.filter(document=plan, kind="figure") if r.decided["use"] == "target"]
    url = reverse("documents:tables-file", args=[plan.pk, "targets", "docx"])
    text = docx_text(client.get(url + "?all=1").content)
    assert f"共{len(targets)}条" in text and all(r.quote in text for r in targets)
    taken_entries = entries_for(plan.ref).filter(action="documents.document.export")
    assert [json.loads(entry.after)["rows"] for entry in taken_entries.order_by("pk")] == [
        1,
        tasks.count(),
        len(targets),
    ]
    body = page(client, "tables", plan.pk, query="?all=1")
    assert f"?at={first.start}-{first.end}#at" in body
    assert "还没有接受任何任务" not in page(client, "tables", plan.pk)
    page(client, "tables-file", plan.pk, "tasks", "pdf", status=404)


def test_compare_two_years_and_take_the_file(plan, place, inside, review_site):
    last = review_site.PLAN.replace("2026", "2025").replace("67.5", "67.0").replace("3.办好主题宣传。", "3.清理旧账。")
    before, _ = services.upload(place.clerk, "去年.txt", last.encode())
    client = inside(place.clerk)
    query = f"?a={before.pk}&b={plan.pk}&mode=year"
    body = page(client, "compare", query=query)
    assert "加严" in body and "+0.5个百分点" in body
    assert f"/documents/{before.pk}/?at=" in body and f"/documents/{plan.pk}/?at=" in body
    table = rows(client.get(reverse("documents:compare-file", args=["xlsx"]) + query))
    assert any("加严" in row for row in table)
    text = docx_text(client.get(reverse("documents:compare-file", args=["docx"]) + query).content)
    assert before.title in text and "加严1项" in text
    assert entries_for(plan.ref).filter(action="documents.document.export").count() == 2
    assert finding_queries.suggested(place.clerk, plan) == [(before, "year")]
    assert before.title in page(client, "checks", plan.pk)
    assert "请选择两份不同的文件" in page(client, "compare", query=f"?a={plan.pk}&b={plan.pk}")
    page(client, "compare", query=f"?a=999999&b={plan.pk}", status=404)
    page(client, "compare-file", "xlsx", query=f"?a={plan.pk}", status=404)
    page(inside(place.ranger), "compare", query=query, status=404)


def test_english_pages(report, plan, place, inside):
    client = inside(place.clerk)
    body = page(client, "checks", report.pk, query="?language=en")
    assert "Ratio against its parts" in body and "The parts add up to" in body
    assert "Task breakdown" in page(client, "tables", plan.pk, query="?language=en")
    assert "Comparison of documents" in page(client, "compare", query="?language=en")
