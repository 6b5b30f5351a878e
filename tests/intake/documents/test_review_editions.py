"""Editions of a document: what is the same, changed, new, gone; expected pairs were read by hand from the two texts."""

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.base.errors import Forbidden
from ecocloud.intake.documents import editions, queries, services
from ecocloud.intake.documents.models import Document, Record
from ecocloud.intake.documents.review_errors import WrongState
from ecocloud.kernel.duties.models import WorkItem


def items(rows):
    return [editions.item(key, kind, {"quote": quote, "title": quote}) for key, kind, quote in rows]


def test_numbering_and_blanks_are_no_change():
    old = items([(1, "task", "1.整治入河排污口。"), (2, "task", "2.推进河道清淤。")])
    new = items([(7, "task", "（一）推进 河道清淤。"), (8, "task", "3.整治入河排污口。")])
    found = editions.match(old, new)
    assert sorted(found.changed + found.same) == [(1, 8), (2, 7)] and not found.new and not found.gone


def test_a_changed_sentence_is_paired_a_foreign_one_is_not():
    old = items([(1, "task", "完成120个入河排污口整治，建立长效机制"), (2, "task", "办好主题宣传活动")])
    new = items([(3, "task", "完成150个入河排污口整治，建立长效机制"), (4, "task", "开展森林抚育和病虫害防治")])
    found = editions.match(old, new)
    assert (found.same, found.changed, found.new, found.gone) == ([], [(1, 3)], [4], [2])


READINGS = st.lists(st.tuples(st.sampled_from(["task", "figure"]), st.text("甲乙丙丁1.。", max_size=8)), max_size=14)


@given(READINGS, READINGS)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_every_record_is_in_exactly_one_place(left, right):
    old = items([(at, *row) for at, row in enumerate(left)])
    new = items([(100 + at, *row) for at, row in enumerate(right)])
    found = editions.match(old, new)
    pairs = found.same + found.changed
    assert sorted([a for a, _ in pairs] + found.gone) == [one.key for one in old]
    assert sorted([b for _, b in pairs] + found.new) == [one.key for one in new]
    kinds = {one.key: one.kind for one in old + new}
    assert all(kinds[a] == kinds[b] for a, b in pairs)
    itself = editions.match(old, [editions.Item(one.key + 500, *_rest(one)) for one in old])
    assert len(itself.same) == len(old) and not itself.changed


def _rest(one):
    return one.kind, one.text, one.name, one.facts


@given(st.text("完成整治排污口1234", max_size=60), st.text("完成整治排污口1234", max_size=60))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_the_difference_holds_both_texts(before, after):
    runs = editions.difference(before, after)
    assert "".join(words for how, words in runs if how != "ins") == before
    assert "".join(words for how, words in runs if how != "del") == after


@pytest.fixture
def decided(plan, place):
    """The plan with the first task accepted with another lead, the second rejected, the third entered."""
    rows = list(Record.objects.filter(document=plan, kind="task").order_by("start"))
    services.accept(place.clerk, rows[2], changes={"lead": place.units["forest"]})
    services.enter(place.clerk, plan)
    services.accept(place.clerk, rows[0], changes={"lead": place.units["water"], "cycle": "quarterly"})
    services.reject(place.clerk, rows[1], "上级已有安排")
    return plan


def newer(place, review_site):
    text = review_site.PLAN.replace("120个", "150个").replace(
        "4.加强巡查。每季度巡查一次。", "4.推广垃圾分类。建成示范点12个。"
    )
    document, _ = services.upload(place.clerk, "工作要点（修订）.txt", text.encode())
    return document


@pytest.mark.django_db
def test_a_new_edition_takes_over_what_is_the_same(decided, place, review_site):
    document = newer(place, review_site)
    entered = WorkItem.objects.count()
    found = services.follow(place.clerk, document, decided)
    rows = {row.decided["title"]: row for row in Record.objects.filter(document=document, kind="task")}
    assert rows["推进河道清淤"].state == "rejected" and rows["推进河道清淤"].opinion == "上级已有安排"
    assert rows["办好主题宣传"].state == "edited"
    old = Record.objects.get(document=decided, title="办好主题宣传")
    assert rows["办好主题宣传"].result_ref == old.result_ref is not None
    changed = rows["整治入河排污口"]
    assert (changed.state, changed.change) == ("pending", "changed") and "120个" in changed.earlier["quote"]
    assert changed.decided["lead"] == place.units["water"].pk and changed.decided["cycle"] == "quarterly"
    assert rows["推广垃圾分类"].change == "new"
    assert "加强巡查" in {row.title for row in queries.gone_records(document)}
    assert found["carried"] == 2 and found["new"] >= 1 and found["gone"] >= 1
    services.accept(place.clerk, changed)
    services.enter(place.clerk, document)
    assert WorkItem.objects.count() == entered + 1, "what was in the ledger does not enter again"


@pytest.mark.django_db
def test_following_is_one_step_that_can_be_undone(decided, place, review_site):
    document = newer(place, review_site)
    names = ("state", "decided", "result_ref", "change", "former", "earlier", "title")
    before = list(Record.objects.filter(document=document).order_by("pk").values(*names))
    services.follow(place.clerk, document, decided)
    services.undo(place.clerk, document)
    assert list(Record.objects.filter(document=document).order_by("pk").values(*names)) == before


@pytest.mark.django_db
def test_what_cannot_follow(decided, place, review_site):
    document = newer(place, review_site)
    with pytest.raises(WrongState):
        services.follow(place.clerk, document, document)
    services.follow(place.clerk, document, decided)
    for one, two in ((document, decided), (decided, document)):
        with pytest.raises(WrongState):
            services.follow(place.clerk, one, two)
    with pytest.raises(Forbidden):
        services.follow(place.chief, decided, document)
    with pytest.raises(Forbidden):
        services.reread(place.chief, decided)


@pytest.mark.django_db
def test_reading_again_changes_nothing_when_nothing_changed(decided, place):
    before = list(Record.every.filter(document=decided).order_by("pk").values())
    found = services.reread(place.clerk, decided)
    assert (found["changed"], found["new"], found["gone"]) == (0, 0, 0)
    assert list(Record.every.filter(document=decided).order_by("pk").values()) == before


@pytest.mark.django_db
def test_reading_again_marks_what_the_engine_now_reads_otherwise(decided, place, monkeypatch):
    from ecocloud.intake.documents.services import following

    true_reader = following.read_document

    def another_engine(data, name):
        reading = true_reader(data, name)
        for row in reading.tasks:
            row["title"] += "（新）"
        del reading.figures[0]
        return reading

    monkeypatch.setattr(following, "read_document", another_engine)
    figures = Record.objects.filter(document=decided, kind="figure").count()
    found = services.reread(place.clerk, decided)
    assert found["changed"] == 4 and found["gone"] == 1
    tasks = list(Record.objects.filter(document=decided, kind="task").order_by("start"))
    assert [row.change for row in tasks] == ["changed"] * 4
    assert tasks[0].decided["title"] == "整治入河排污口", "what a person decided stays"
    assert tasks[3].decided["title"] == "加强巡查（新）", "what waits untouched takes the new reading"
    assert Record.objects.filter(document=decided, kind="figure").count() == figures - 1
    services.undo(place.clerk, decided)
    assert Record.objects.filter(document=decided, kind="figure").count() == figures


@pytest.mark.django_db
def test_another_text_is_refused(plan, place):
    Document.objects.filter(pk=plan.pk).update(text=plan.text + "又")
    plan.refresh_from_db()
    with pytest.raises(WrongState):
        services.reread(place.clerk, plan)


@pytest.mark.django_db
def test_the_pages_of_editions(decided, place, inside, review_site):
    client, document = inside(place.clerk), newer(place, review_site)
    body = client.get(reverse("documents:document", args=[document.pk])).content.decode()
    assert "这是哪份文件的新版本" in body and f'value="{decided.pk}"' in body
    url = reverse("documents:edition", args=[document.pk])
    assert "没有勾选" in client.post(url, {"previous": ""}, follow=True).content.decode()
    body = client.post(url, {"previous": decided.pk}, follow=True).content.decode()
    assert "<del>2</del><ins>5</ins>" in body and "推广垃圾分类" in body and "加强巡查" in body
    shown = client.get(reverse("documents:review", args=[document.pk]) + "?change=changed").content.decode()
    assert "与上一版对照" in shown and "上一版：改后接受" in shown
    assert "已重新读取" in client.post(url, {"act": "reread"}, follow=True).content.decode()
    assert client.get(reverse("documents:changes", args=[decided.pk])).status_code == 200
