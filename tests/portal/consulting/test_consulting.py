"""A consultation from draft to results: paragraphs, comments, moderation, answers, tasks, the paper, the pages."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ecocloud.base.errors import Forbidden
from ecocloud.base.officedocs import docx_text
from ecocloud.intake.documents.models import Document
from ecocloud.kernel.duties.models import WorkItem
from ecocloud.portal.consulting import paper, queries, services
from ecocloud.portal.consulting.models import Comment, Consultation
from ecocloud.portal.errors import NotNow, Refused

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
DAY = timedelta(days=1)


def ended(row):
    Consultation.objects.filter(pk=row.pk).update(opens=TODAY - 9 * DAY, closes=TODAY - DAY)
    return Consultation.objects.get(pk=row.pk)


def test_only_public_documents_are_put_before_the_public(town, document):
    document.secrecy = "internal"
    document.save()
    with pytest.raises(Refused, match="not public"):
        services.create(town.clerk, document, opens=TODAY, closes=TODAY)
    with pytest.raises(Forbidden):
        services.create(town.mayor, document, opens=TODAY, closes=TODAY)


def test_paragraphs_stay_as_they_were_published(town, document, running):
    Document.objects.filter(pk=document.pk).update(text="改了", segments=[])
    row = Consultation.objects.get()
    assert [one[0] for one in row.segments] == ["h0", "p1", "p2", "p3"]
    assert row.segments[2][2].startswith("第二条")


def test_a_comment_on_a_paragraph_is_taken_once(running):
    first = services.comment(running, "垃圾二字太宽", anchor="p2", client_key="k")
    again = services.comment(running, "别的", client_key="k")
    assert first == again and first.number == 1 and services.comment(running, "全文同意").number == 2
    for wrong in ({"text": " "}, {"text": "长" * 2001}, {"text": "x", "anchor": "p99"}):
        with pytest.raises(Refused):
            services.comment(running, **wrong)


def test_outside_the_window_nothing_is_taken(running):
    with pytest.raises(NotNow, match="nothing was sent"):
        services.comment(ended(running), "晚了")
    assert not Comment.objects.exists()


def test_no_results_while_one_comment_is_unanswered(town, running):
    shown, hidden = services.comment(running, "好", anchor="p2"), services.comment(running, "张三电话 139")
    row = ended(running)
    with pytest.raises(NotNow, match="2 comments"):
        services.conclude(town.clerk, row, "")
    with pytest.raises(Refused):
        services.moderate(town.clerk, hidden, False)
    services.moderate(town.clerk, hidden, False, "含有他人电话")
    with pytest.raises(NotNow):  # not public yet
        services.answer(town.clerk, shown, "accepted", "对", "改")
    services.moderate(town.clerk, shown, True)
    with pytest.raises(NotNow, match="1 comments"):
        services.conclude(town.clerk, row, "")
    for wrong in (("accepted", "", "改"), ("accepted", "对", ""), ("maybe", "对", "改"), ("rejected", " ", "")):
        with pytest.raises(Refused):
            services.answer(town.clerk, shown, *wrong)
    services.answer(town.clerk, shown, "partly", "有理", "“垃圾”改为“固体废物”")
    done = services.conclude(town.clerk, row, "共收到两条。")
    assert done.state == "concluded"
    with pytest.raises(NotNow):
        services.answer(town.clerk, shown, "rejected", "又不对")
    text = docx_text(paper.summary(done))
    for words in (
        "公开征求意见情况的说明",
        "共收到意见2条",
        "部分采纳1条",
        "含有他人电话",
        "第二条",
        "固体废物",
        "共收到两条。",
    ):
        assert words in text
    assert "张三" not in text


def test_an_accepted_comment_becomes_one_task(town, running):
    row = services.moderate(town.clerk, services.comment(running, "垃圾二字太宽", anchor="p2"), True)
    with pytest.raises(NotNow):
        services.make_task(town.clerk, row, town.ecology, TODAY + DAY)
    row = services.answer(town.clerk, row, "accepted", "对", "改为固体废物")
    item = services.make_task(town.clerk, row, town.ecology, TODAY + DAY)
    assert (item.kind, item.lead_department, item.source_ref) == ("task", town.ecology, row.ref)
    assert "改为固体废物" in item.title and Comment.objects.get(pk=row.pk).item_ref == item.ref
    with pytest.raises(NotNow):
        services.make_task(town.clerk, row, town.ecology, TODAY + DAY)
    assert WorkItem.objects.count() == 1


def test_others_of_staff_do_not_answer_for_the_unit(town, running):
    row = services.comment(running, "好")
    with pytest.raises(Exception) as refused:
        services.moderate(town.worker, row, True)
    assert getattr(refused.value, "http_status", 0) in (403, 404)
    assert queries.waiting(town.clerk).count() == 1 and not queries.waiting(town.worker).exists()


def test_the_public_page_shows_drafts_comments_and_reasons_and_no_markup_runs(town, running, public):
    address = f"/public/consult/{running.pk}/"
    sent = public.post(address, {"text": "<script>alert(1)</script>", "anchor": "p2", "client_key": "k"})
    assert sent.status_code == 302 and "sent=1" in sent["Location"]
    assert "alert(1)" not in public.get(address).content.decode()  # not checked yet
    services.moderate(town.clerk, Comment.objects.get(), True)
    shown = public.get(f"{address}?at=p2").content.decode()
    assert "&lt;script&gt;" in shown and "<script>alert" not in shown and 'value="p2"' in shown
    services.moderate(town.clerk, Comment.objects.get(), False, "与草案无关")
    hidden = public.get(address).content.decode()
    assert "与草案无关" in hidden and "alert(1)" not in hidden
    assert public.get("/public/consult/").content.decode().count("某市河道管理办法") == 1


def test_too_late_is_told_and_the_words_are_still_there(running, public):
    address = f"/public/consult/{ended(running).pk}/"
    late = public.post(address, {"text": "我想了很久的意见"})
    assert late.status_code == 409
    assert "截止" in late.content.decode() and "我想了很久的意见" in late.content.decode()
    assert public.get(f"{address}result.docx").status_code == 404
    assert public.get("/public/consult/999/").status_code == 404


def test_drafts_nobody_published_are_not_public(town, document, public):
    row = services.create(town.clerk, document, opens=TODAY, closes=TODAY)
    assert public.get(f"/public/consult/{row.pk}/").status_code == 404
    services.withdraw(town.clerk, row, "改用另一稿")
    assert public.get(f"/public/consult/{row.pk}/").status_code == 404


def test_pages_of_staff_lead_from_new_to_results(town, document, public, staff):
    clerk = staff(town.clerk)
    made = clerk.post("/portal/consult/new/", {"document": document.pk, "opens": TODAY, "closes": TODAY + DAY})
    row = Consultation.objects.get()
    assert made["Location"] == f"/portal/consult/{row.pk}/"
    clerk.post(made["Location"], {"act": "publish"})
    public.post(f"/public/consult/{row.pk}/", {"text": "好"})
    one = Comment.objects.get()
    assert clerk.get("/portal/comments/?waiting=1").context["listing"].total == 1
    page = f"/portal/comments/{one.pk}/"
    clerk.post(page, {"act": "show"})
    assert clerk.post(page, {"act": "answer", "verdict": "rejected", "text": ""}).status_code == 400
    clerk.post(page, {"act": "answer", "verdict": "rejected", "text": "已有规定"})
    ended(row)
    clerk.post(f"/portal/consult/{row.pk}/", {"act": "conclude", "text": "一条"})
    assert Consultation.objects.get().state == "concluded"
    answer = public.get(f"/public/consult/{row.pk}/result.docx")
    assert answer.status_code == 200 and "已有规定" in docx_text(answer.content)
