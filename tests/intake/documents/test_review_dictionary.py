"""The site's dictionary: corrections propose, people decide, the next reading follows and says so."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ecocloud.base.errors import Forbidden
from ecocloud.intake.documents import queries, services
from ecocloud.intake.documents.models import Decision, Record, Term
from ecocloud.intake.documents.review_errors import Incomplete, WrongState
from ecocloud.intake.documents.services.bulk import Sweep, preview
from ecocloud.kernel.evidence.models import Indicator
from ecocloud.kernel.journal.queries import entries_for

pytestmark = pytest.mark.django_db

LETTER = """青瓷市2026年工作安排（{n}）

一、重点任务

1.清理河道漂浮物。完成清理{n}公里。（河道中心牵头，市林业局配合）
"""


def bring(place, n):
    document, _ = services.upload(place.clerk, f"{n}.txt", LETTER.format(n=n).encode())
    return document


def task(document):
    return Record.objects.get(document=document, kind="task")


def test_a_corrected_unit_is_proposed_used_and_marked(place):
    record = task(bring(place, 3))
    assert record.decided["lead"] is None
    services.accept(place.clerk, record, changes={"lead": place.units["water"]})
    term = Term.objects.get()
    assert (term.kind, term.text, term.meaning_name) == ("unit", "河道中心", "青瓷市水利局")
    assert (term.standing, term.by, term.source, term.applied) == ("proposed", place.clerk, record.ref, 0)
    assert task(bring(place, 4)).decided["lead"] is None, "what is only proposed does nothing"
    services.use_term(place.clerk, term)
    later = task(bring(place, 5))
    assert later.decided["lead"] == place.units["water"].pk
    assert "dictionary:河道中心" in later.payload["rules"]
    term.refresh_from_db()
    assert term.applied == 1
    services.switch_off(place.clerk, term)
    off = task(bring(place, 6))
    assert off.decided["lead"] is None and "dictionary:河道中心" not in off.payload["rules"]
    verbs = [entry.action for entry in entries_for(term.ref).order_by("id")]
    assert verbs == ["documents.term.propose", "documents.term.use", "documents.term.off"]


def test_an_entry_is_offered_to_what_waits_untouched_as_a_step(place):
    first, second, third = (task(bring(place, n)) for n in (3, 4, 5))
    services.edit(place.clerk, third, {"title": "由人改过"})
    services.accept(place.clerk, first, changes={"lead": place.units["water"]})
    term = services.use_term(place.clerk, Term.objects.get())
    number, touched = services.apply_term(place.clerk, term, queries.waiting_documents(place.clerk))
    assert (number, touched) == (1, 1)
    second.refresh_from_db()
    third.refresh_from_db()
    assert second.decided["lead"] == place.units["water"].pk and third.decided["lead"] is None
    assert "dictionary:河道中心" in second.payload["rules"] and second.state == "pending"
    services.undo(place.clerk, second.document)
    second.refresh_from_db()
    assert second.decided["lead"] is None
    assert services.apply_term(place.clerk, term, queries.waiting_documents(place.clerk)) == (1, 1)


def test_a_corrected_indicator_region_and_name_are_proposed(plan, place):
    code = Indicator.objects.get(zh="森林覆盖率").code
    figure = next(r for r in Record.objects.filter(document=plan, kind="figure") if "清淤" in r.title)
    services.accept(place.clerk, figure, changes={"indicator": code, "region": "990102"})
    found = set(Term.objects.values_list("kind", "text", "meaning"))
    assert ("indicator", figure.decided["words"], code) in found
    first = Record.objects.filter(document=plan, kind="task").order_by("start")[0]
    services.edit(place.clerk, first, {"title": "入河排污口"})
    assert ("cut", "整治", "start") in set(Term.objects.values_list("kind", "text", "meaning"))


def test_the_same_rejection_in_two_documents_proposes_no_record(place):
    for n in (3, 4):
        start = bring(place, n)
        made = services.add(place.clerk, start, "mechanism", 0, 9)
        services.reject(place.clerk, made, "不是机制")
        assert Term.objects.filter(kind="phrase").count() == (n == 4)


def test_what_is_no_record_stays_for_a_person_and_is_left_by_bulk(place):
    services.add_term(place.clerk, "phrase", "清理河道漂浮物", "task")
    services.add_term(place.clerk, "unit", "河道中心", "青瓷市水利局", region="990100")
    document = bring(place, 9)
    assert "站点词典" in task(document).decided["doubt"] and task(document).state == "pending"
    assert [row.kind for row, _why in preview(document, Sweep(kinds=("task",))).left] == ["task"]


def test_roles_decide_who_leads(place):
    text = "青瓷市2026年工作安排\n\n一、任务\n\n1.清理河道。（市水利局配合，市林业局统筹协调）\n"
    document, _ = services.upload(place.clerk, "a.txt", text.encode())
    before = task(document).decided
    services.add_term(place.clerk, "role", "统筹协调", "牵头")
    document, _ = services.upload(place.clerk, "b.txt", text.replace("2026", "2027").encode())
    assert task(document).decided["lead"] == place.units["forest"].pk
    assert "dictionary:统筹协调" in task(document).payload["rules"]
    assert before["title"] == task(document).decided["title"]


WRONG = (
    ("unit", "某局", "没有这个局"),
    ("indicator", "x", "no_such"),
    ("region", "某地", "000"),
    ("role", "领办", "随便"),
    ("cut", "前", "中间"),
    ("nothing", "a", "b"),
    ("unit", "  ", "青瓷市水利局"),
    ("unit", "长" * 121, "青瓷市水利局"),
)


def test_wrong_entries_are_refused_with_their_reason(place):
    for kind, text, meaning in WRONG:
        with pytest.raises(Incomplete):
            services.add_term(place.clerk, kind, text, meaning)
    services.add_term(place.clerk, "role", "领办", "牵头")
    with pytest.raises(WrongState):
        services.add_term(place.clerk, "role", " 领办 ", "配合")
    assert Term.objects.count() == 1


def test_exported_and_imported_again_it_is_the_same(place):
    services.add_term(place.clerk, "role", "领办", "牵头")
    services.add_term(place.clerk, "unit", "河道中心", "青瓷市水利局", region="990100")
    services.add_term(place.clerk, "cut", "前", "从开头去掉")
    before = services.export_terms()
    fields = ("kind", "text", "key", "region", "meaning", "meaning_name", "standing")
    rows = list(Term.objects.order_by("kind").values(*fields))
    Term.objects.all().delete()
    found = services.import_terms(place.clerk, before.encode())
    assert (found.added, found.known, found.refused) == (3, 0, [])
    assert list(Term.objects.order_by("kind").values(*fields)) == rows and services.export_terms() == before
    again = services.import_terms(place.clerk, before.encode())
    assert (again.added, again.known) == (0, 3)


def test_one_bad_entry_of_a_file_costs_only_itself(place):
    text = "version: 1\nterms:\n- {kind: role, text: 领办, meaning: 牵头}\n- {kind: role}\n"
    text += "- {kind: unit, text: a, meaning: b}\n"
    found = services.import_terms(place.clerk, text.encode())
    assert found.added == 1 and len(found.refused) == 2 and "第 2 条" in found.refused[0]
    for bad in (b"\xff\xfe", b"[1, 2", b"version: 2\nterms: []", b"- a", b"", b"x" * 2_000_001):
        with pytest.raises(Incomplete):
            services.import_terms(place.clerk, bad)


def test_rights(place):
    services.add_term(place.clerk, "role", "领办", "牵头")
    term = Term.objects.get()
    for person in (place.chief, place.hydro, place.farmer, place.auditor, place.root):
        for call in (
            lambda p=person: services.add_term(p, "role", "包保", "牵头"), lambda p=person: services.use_term(p, term),
            lambda p=person: services.switch_off(p, term), lambda p=person: services.import_terms(p, b"version: 1"),
            lambda p=person: services.apply_term(p, term, []),
        ):  # fmt: skip
            with pytest.raises(Forbidden):
                call()


def test_the_page_shows_decides_exports_and_imports(place, inside):
    client = inside(place.clerk)
    url = reverse("documents:dictionary")
    assert "还没有词条" in client.get(url).content.decode()
    record = task(bring(place, 3))
    services.accept(place.clerk, record, changes={"lead": place.units["water"]})
    term = Term.objects.get()
    assert "记入站点词典" in client.get(reverse("documents:review", args=[record.document_id])).content.decode()
    body = client.get(url).content.decode()
    assert "河道中心" in body and "青瓷市水利局" in body and record.document.title in body and "待采用" in body
    act = reverse("documents:term", args=[term.pk])
    assert "已采用" in client.post(act, {"act": "use"}, follow=True).content.decode()
    bring(place, 4)
    term.refresh_from_db()
    assert term.applied == 1
    exported = client.get(reverse("documents:dictionary-export"))
    assert "河道中心" in exported.content.decode() and "attachment" in exported["Content-Disposition"]
    assert "已停用" in client.post(act, {"act": "off"}, follow=True).content.decode()
    add = reverse("documents:dictionary-add")
    assert "含义不存在" in client.post(add, {"kind": "role", "text": "a", "meaning": "b"}, follow=True).content.decode()
    file = SimpleUploadedFile("d.yaml", "version: 1\nterms:\n- {kind: role, text: 领办, meaning: 牵头}\n".encode())
    assert "导入 1 条" in client.post(add, {"file": file}, follow=True).content.decode()
    assert client.get(url + "?standing=active&kind=role&q=领").content.decode().count("领办") >= 1
    assert Decision.objects.filter(action="dictionary").count() == 0
