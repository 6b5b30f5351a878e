"""Pages of the room as a browser without scripts sees them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ecocloud.intake.documents import home, services
from ecocloud.intake.documents.models import Record
from ecocloud.kernel.duties.models import WorkItem
from ecocloud.kernel.journal.queries import entries_for

pytestmark = pytest.mark.django_db


def page(client, name, *args, query=""):
    response = client.get(reverse(f"documents:{name}", args=args) + query)
    assert response.status_code == 200
    return response.content.decode()


def test_list_shows_counts_and_links(plan, place, inside):
    body = page(inside(place.clerk), "list")
    assert f'class="t" href="{reverse("documents:document", args=[plan.pk])}"' in body
    assert "review-link" in body and "待确认" in body
    assert "review-link" not in page(inside(place.auditor), "list")


def test_counter_equals_the_list_behind_it(plan, place, inside):
    body = page(inside(place.clerk), "records", query="?state=pending")
    assert f'data-total="{home.pending_count(place.clerk)}"' in body
    assert home.todo_count(place.clerk, "todo") == 1 and home.pending_count(place.hydro) == 0


def test_review_has_marks_pins_and_the_form_of_the_current_record(plan, place, inside):
    task = Record.objects.filter(document=plan, kind="task").order_by("start").first()
    body = page(inside(place.clerk), "review", plan.pk, query=f"?record={task.pk}")
    assert f'id="m-{task.pk}"' in body and f'id="r-{task.pk}"' in body
    assert 'name="lead"' in body and "市生态环境局" in body and 'value="2026-11-30"' in body
    for key in "AESROU":
        assert f'data-key="{key}"' in body
    assert "style=" not in body and "onclick" not in body


def test_decisions_by_plain_forms_then_entry(plan, place, inside):
    client = inside(place.clerk)
    task = Record.objects.filter(document=plan, kind="task").order_by("start")[2]
    url = reverse("documents:decide", args=[plan.pk, task.pk])
    refused = client.post(url, {"act": "accept", "version": task.version, "title": task.title, "lead": ""}, follow=True)
    assert "没有确定的牵头单位" in refused.content.decode()
    client.post(
        url,
        {"act": "accept", "version": task.version, "title": task.title, "lead": "市林业局", "deadline": "2026-12-31"},
    )
    task.refresh_from_db()
    assert task.state == "edited" and task.decided["deadline"] == "2026-12-31"
    client.post(reverse("documents:bulk", args=[plan.pk]), {"act": "accept", "least": "0.90"})
    client.post(reverse("documents:enter", args=[plan.pk]))
    assert WorkItem.objects.filter(source_doc=plan.ref).count() == 2
    item = WorkItem.objects.get(source_ref=task.ref)
    assert item.lead_department == place.units["forest"]
    body = page(client, "document", plan.pk, query=f"?at={task.start}-{task.end}")
    assert 'id="at"' in body and task.place in body and reverse("duties:item", args=[item.pk]) in body


def test_reject_without_words_and_unknown_unit_say_so(plan, place, inside):
    client = inside(place.clerk)
    task = Record.objects.filter(document=plan, kind="task").order_by("start")[0]
    url = reverse("documents:decide", args=[plan.pk, task.pk])
    assert "必须写明理由" in client.post(url, {"act": "reject", "opinion": ""}, follow=True).content.decode()
    body = client.post(url, {"act": "accept", "title": "x", "lead": "宇宙局"}, follow=True).content.decode()
    assert "不能确定是哪个单位" in body
    assert "不是日期" in client.post(url, {"act": "accept", "deadline": "2026-13-01"}, follow=True).content.decode()
    task.refresh_from_db()
    assert task.state == "pending"


def test_add_by_words_of_the_text(plan, place, inside):
    client, url = inside(place.clerk), reverse("documents:add", args=[plan.pk])
    client.post(url, {"kind": "task", "quote": "每季度巡查一次"})
    assert Record.objects.filter(document=plan, by_hand=True, quote="每季度巡查一次").exists()
    assert "没有这句话" in client.post(url, {"kind": "task", "quote": "不在文中的话"}, follow=True).content.decode()


def test_upload_several_at_once(place, inside):
    files = [SimpleUploadedFile("好.txt", "完成造林5万亩。".encode()), SimpleUploadedFile("空.txt", b"")]
    response = inside(place.clerk).post(reverse("documents:upload"), {"files": files, "secrecy": "internal"})
    body = response.content.decode()
    assert response.status_code == 400 and "空.txt" in body and "空的" in body and "review-link" in body
    assert inside(place.clerk).post(reverse("documents:upload"), {}).status_code == 400


def test_original_is_the_file_and_taking_it_is_recorded(plan, place, inside, review_site):
    response = inside(place.clerk).get(reverse("documents:file", args=[plan.pk]))
    assert b"".join(response.streaming_content) == review_site.PLAN.encode()
    assert "attachment" in response["Content-Disposition"]
    assert entries_for(plan.ref).filter(action="documents.document.download").count() == 1
    assert inside(place.ranger).get(reverse("documents:file", args=[plan.pk])).status_code == 404


def test_facts_are_corrected_and_bad_ones_refused(plan, place, inside):
    client, url = inside(place.clerk), reverse("documents:facts", args=[plan.pk])
    assert client.post(url, {"title": "新标题", "plan_year": "二六"}).status_code == 400
    assert (
        client.post(
            url, {"title": "新标题", "number": "青办〔2026〕1号", "plan_year": "2026", "version": plan.version}
        ).status_code
        == 302
    )
    plan.refresh_from_db()
    assert (plan.title, plan.number, plan.plan_year) == ("新标题", "青办〔2026〕1号", 2026)


def test_a_long_text_is_shown_page_by_page(place, inside, full_size):
    from ecocloud.base.jobs import drain

    lines = 160_000 if full_size else 6_000
    text = "样例市情况通报\n" + "".join(f"第{n}处情况正常，设施运行平稳，群众反映良好。\n" for n in range(lines))
    document, _ = services.upload(place.clerk, "长.txt", text.encode())
    if document.status == "loaded":
        drain()
    client = inside(place.clerk)
    body = page(client, "review", document.pk, query="?page=3")
    assert len(body) < 600_000, len(body)  # as long as a page of a short text, whatever the document's length
    assert "第 3 页" in body and "第 1 页" in page(client, "document", document.pk)


def queries_of(client, url):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def test_pages_ask_the_same_number_of_queries_however_many_rows(plan, place, inside, review_site):
    client = inside(place.clerk)
    lists = [reverse("documents:list"), reverse("documents:records")]
    before = [queries_of(client, url) for url in lists]
    for n in range(5):
        services.upload(place.clerk, f"{n}.txt", review_site.PLAN.replace("46公里", f"{n + 50}公里").encode())
    review_site.take_all(place.clerk, plan, place.units["office"])
    services.enter(place.clerk, plan)
    assert [queries_of(client, url) for url in lists] == before and max(before) <= 30
    taken = f"{reverse('documents:review', args=[plan.pk])}?tab=taken"
    assert queries_of(client, taken) <= 40


@pytest.fixture
def long(place):
    """A document with more than 2,000 records."""
    from ecocloud.base.jobs import drain

    lines = "".join(
        f"{n}.整治第{n}处排污口。2026年11月底前完成{n}个入河排污口整治。（市生态环境局牵头，市水利局配合）\n"
        for n in range(1, 701)
    )
    document, _ = services.upload(place.clerk, "大.txt", f"青瓷市2026年工作要点\n\n一、重点任务\n{lines}".encode())
    drain()
    assert Record.objects.filter(document=document).count() > 2_000
    return document


def test_the_review_of_2000_records_costs_what_that_of_ten_does(plan, long, place, inside):
    client = inside(place.clerk)
    url = {row.pk: reverse("documents:review", args=[row.pk]) for row in (plan, long)}
    middle = Record.objects.filter(document=long).order_by("start", "number")[1000]
    small = queries_of(client, url[plan.pk])
    for query in ("", f"?record={middle.pk}", "?tab=all&sort=doubt", "?kind=task&section=1&p=7"):
        assert queries_of(client, url[long.pk] + query) <= small + 2, query
    body = client.get(f"{url[long.pk]}?record={middle.pk}").content.decode()
    assert len(body) < 700_000 and body.count('<article class="rec') <= 41 and f'id="r-{middle.pk}"' in body


def test_every_record_is_on_exactly_one_screen_and_counts_equal_lists(plan, long, place, inside):
    import re

    client, url = inside(place.clerk), reverse("documents:review", args=[plan.pk])
    body = page(client, "review", plan.pk)
    links = re.findall(r'<td class="num right"><a href="([^"]+)"[^>]*>(\d+)</a>', body)
    assert len(links) >= 2
    for link, number in links:
        shown = client.get(link.replace("&amp;", "&")).content.decode()
        assert re.search(rf'class="tally small"[^>]*>共 {number} 条', shown), link
        assert shown.count('<article class="rec') == int(number)
    seen = []
    for number in range(1, 4):
        shown = client.get(reverse("documents:review", args=[long.pk]) + f"?kind=task&p={number}").content.decode()
        seen += re.findall(r'<article class="rec[^>]*id="r-(\d+)"', shown)
    rows = Record.objects.filter(document=long, kind="task").order_by("start", "number")
    assert [int(key) for key in seen] == list(rows.values_list("pk", flat=True)[:120])
    assert url in body


def test_lowest_confidence_comes_first_when_asked(plan, place, inside):
    import re

    body = page(inside(place.clerk), "review", plan.pk, query="?sort=doubt")
    keys = [int(key) for key in re.findall(r'<article class="rec[^>]*id="r-(\d+)"', body)]
    rows = Record.objects.filter(document=plan).order_by("confidence", "start", "number")
    assert keys == list(rows.values_list("pk", flat=True))


def test_a_decision_leads_to_the_next_pending_record_of_the_same_list(plan, place, inside):
    client = inside(place.clerk)
    rows = list(Record.objects.filter(document=plan, kind="figure").order_by("start", "number"))
    url = reverse("documents:decide", args=[plan.pk, rows[0].pk])
    answer = client.post(url, {"act": "reject", "opinion": "不需要", "back": "kind=figure", "version": rows[0].version})
    assert answer.url == f"{reverse('documents:review', args=[plan.pk])}?kind=figure&record={rows[1].pk}"


def test_bulk_page_shows_numbers_before_it_does_anything(plan, place, inside):
    client, url = inside(place.clerk), reverse("documents:bulk", args=[plan.pk])
    body = page(client, "bulk", plan.pk, query="?least=0.9&kind=task")
    assert "接受这 1 条" in body and "按排序首位推定" not in body.partition("留待逐条确认</h2>")[0]
    assert not Record.objects.filter(document=plan).exclude(state="pending").exists()
    assert client.get(url + "?least=abc").status_code == 400
    form = {"act": "accept", "least": "0.9", "kind": "task", "expected": "7"}
    assert "与刚才显示的 7 条不同" in client.post(url, form).content.decode()
    client.post(url, form | {"expected": "1"})
    assert Record.objects.filter(document=plan, state="accepted").count() == 1
    client.post(reverse("documents:undo", args=[plan.pk]))
    assert not Record.objects.filter(document=plan, state="accepted").exists()
    client.post(reverse("documents:redo", args=[plan.pk]))
    assert Record.objects.filter(document=plan, state="accepted").count() == 1


def test_a_selection_of_nothing_is_not_everything(plan, place, inside):
    client, url = inside(place.clerk), reverse("documents:bulk", args=[plan.pk])
    for act in ("accept", "reject", "merge", ""):
        assert client.post(url, {"act": act, "chosen": "1", "opinion": "x"}).status_code == 400
    assert not Record.objects.filter(document=plan).exclude(state="pending").exists()
    keys = [row.pk for row in Record.objects.filter(document=plan, kind="figure")[:2]]
    client.post(url, {"act": "reject", "chosen": "1", "record": keys, "opinion": "重复"})
    assert set(Record.objects.filter(document=plan, state="rejected").values_list("pk", flat=True)) == set(keys)


def test_split_merge_and_new_evidence_by_plain_forms(plan, place, inside):
    client = inside(place.clerk)
    task = Record.objects.filter(document=plan, kind="task").order_by("start")[0]
    url = reverse("documents:decide", args=[plan.pk, task.pk])
    client.post(url, {"act": "split", "cut": [plan.text.index("2026年11月底前")], "version": task.version})
    parts = list(Record.objects.filter(document=plan, kind="task").order_by("start")[:2])
    assert parts[0].quote + parts[1].quote == task.quote
    client.post(url, {"act": "merge", "other": parts[1].pk})
    task.refresh_from_db()
    assert task.quote == parts[0].quote + parts[1].quote
    client.post(url, {"act": "respan", "quote": "完成120个入河排污口整治"})
    task.refresh_from_db()
    assert task.quote == "完成120个入河排污口整治"
    start = plan.text.index("整治完成率")
    client.post(
        reverse("documents:add", args=[plan.pk]),
        {"record": task.pk, "version": task.version, "start": start, "end": start + 10},
    )
    task.refresh_from_db()
    assert task.start == start
    assert "没有这句话" in client.post(url, {"act": "respan", "quote": "不在文中的话"}, follow=True).content.decode()


def test_why_a_record_was_read_is_shown_with_the_engines_own_words(plan, place, inside):
    task = Record.objects.filter(document=plan, kind="task").order_by("start")[0]
    assert "按条目编号" in page(inside(place.clerk), "review", plan.pk, query=f"?record={task.pk}")
    task.payload = {**task.payload, "explanations": {task.payload["rules"][0]: "以“1.”开头"}}
    task.save(update_fields=["payload"])
    assert "以“1.”开头" in page(inside(place.clerk), "review", plan.pk, query=f"?record={task.pk}")
