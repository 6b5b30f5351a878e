"""Upload, decisions, entry. Expected records of the plan in review_site.py were read by hand."""

import pytest

from ecocloud.base.errors import Forbidden
from ecocloud.intake.documents import queries, services
from ecocloud.intake.documents.models import Document, Record
from ecocloud.intake.documents.review_errors import Incomplete, Stale, WrongState
from ecocloud.kernel.duties.models import WorkItem
from ecocloud.kernel.evidence.models import Indicator, Observation, Target
from ecocloud.kernel.journal.queries import entries_for
from ecocloud.kernel.journal.refs import resolve

pytestmark = pytest.mark.django_db


def tasks(document):
    return list(Record.objects.filter(document=document, kind="task").order_by("start"))


def test_what_is_read_waits_and_nothing_is_in_the_ledger(plan):
    assert plan.status == "in_review"
    assert [t.decided["title"] for t in tasks(plan)] == ["整治入河排污口", "推进河道清淤", "办好主题宣传", "加强巡查"]
    assert not Record.objects.exclude(state="pending").exists()
    assert not WorkItem.objects.exists() and not Target.objects.exists() and not Observation.objects.exists()


def test_every_record_is_its_quote_in_the_kept_text(plan):
    for record in Record.objects.filter(document=plan):
        assert plan.text[record.start : record.end] == record.quote


def test_lead_unit_explicit_inferred_missing_and_group(plan, place):
    explicit, inferred, missing, group = (t.decided for t in tasks(plan))
    assert explicit["lead"] == place.units["ecology"].pk and explicit["lead_note"] == ""
    assert [u["name"] for u in explicit["units"]] == ["市水利局"]
    assert inferred["lead"] == place.units["water"].pk
    assert inferred["lead_note"] == "原文只写“负责”，未写明牵头；按排序首位推定，请核对"
    assert missing["lead"] is None and group["lead"] is None


def test_vague_deadline_keeps_both_date_and_words(plan):
    first = tasks(plan)[0].decided
    assert first["deadline"] == "2026-11-30" and first["deadline_text"].startswith("2026年11月底前")


def test_a_task_without_lead_unit_needs_a_person(plan, place):
    record = tasks(plan)[2]
    with pytest.raises(Incomplete) as refusal:
        services.accept(place.clerk, record)
    assert "牵头单位" in refusal.value.message_zh
    taken = services.accept(place.clerk, record, changes={"lead": place.units["office"]})
    assert taken.state == "edited" and taken.decided_by == place.clerk


def test_accept_all_leaves_what_is_not_sure(plan, place):
    done, left = services.accept_many(place.clerk, plan)
    assert done > 0 and left == Record.objects.filter(document=plan, state="pending").count()
    states = {t.decided["title"]: t.state for t in tasks(plan)}
    assert states["整治入河排污口"] == "accepted"
    assert states["推进河道清淤"] == states["办好主题宣传"] == states["加强巡查"] == "pending"


def test_reject_needs_words_and_undo_brings_back(plan, place):
    record = tasks(plan)[0]
    with pytest.raises(Incomplete):
        services.reject(place.clerk, record, "  ")
    services.reject(place.clerk, record, "与上一条重复")
    services.undo(place.clerk, plan)
    record.refresh_from_db()
    assert record.state == "pending" and record.decided_by is None
    with pytest.raises(WrongState):
        services.undo(place.clerk, plan)


def test_the_second_of_two_persons_is_refused(plan, place):
    record = tasks(plan)[0]
    services.accept(place.clerk, record, version=record.version)
    with pytest.raises(Stale):
        services.reject(place.clerk, record, "迟到", version=record.version)


def test_split_keeps_text_and_the_deadline_where_it_stands(plan, place):
    record = tasks(plan)[0]
    cut = plan.text.index("2026年11月底前")
    first, second = services.split(place.clerk, record, [cut])
    assert first.quote + second.quote == record.quote
    assert first.decided["deadline"] == "" and second.decided["deadline"] == "2026-11-30"
    assert second.decided["lead"] == first.decided["lead"]
    with pytest.raises(Incomplete):
        services.split(place.clerk, second, [0])


def test_add_by_selection(plan, place):
    start = plan.text.index("每季度巡查一次")
    made = services.add(place.clerk, plan, "task", start, start + 7)
    assert made.quote == "每季度巡查一次" and made.by_hand and made.decided["cycle"] == "quarterly"
    with pytest.raises(Incomplete):
        services.add(place.clerk, plan, "task", 5, 5)
    with pytest.raises(Incomplete):
        services.add(place.clerk, plan, "task", 5, 10**7)


def test_entry_creates_exactly_what_was_accepted_each_with_its_sentence(plan, place, review_site):
    review_site.take_all(place.clerk, plan, place.units["office"])
    found = services.enter(place.clerk, plan)
    taken = Record.objects.filter(document=plan, state__in=Record.TAKEN)
    assert found["items"] == WorkItem.objects.count() == taken.filter(kind="task").count() == 4
    assert found["refused"] == 0 and found["targets"] == Target.objects.count() > 0
    for item in WorkItem.objects.all():
        source = resolve(item.source_ref, place.clerk)
        assert source.allowed and source.excerpt == item.body and f"at={item.source_ref.split('#')[1]}" in source.url
        assert item.source_place == source.place and item.source_title == plan.title
    for target in Target.objects.all():
        assert str(target.indicator.unit or "") is not None
        assert resolve(target.document, place.clerk).excerpt in plan.text
    plan.refresh_from_db()
    assert plan.status == "entered"
    assert entries_for(plan.ref).filter(action="documents.record.enter").count() == taken.exclude(
        kind__in=("project", "mechanism")
    ).count()  # fmt: skip


def test_entering_twice_creates_nothing(plan, place, review_site):
    review_site.take_all(place.clerk, plan, place.units["office"])
    services.enter(place.clerk, plan)
    before = (WorkItem.objects.count(), Target.objects.count(), Observation.objects.count(), Indicator.objects.count())
    assert services.enter(place.clerk, plan) == {"items": 0, "targets": 0, "observations": 0, "refused": 0}
    after = (WorkItem.objects.count(), Target.objects.count(), Observation.objects.count(), Indicator.objects.count())
    assert before == after


def test_what_is_entered_cannot_be_changed_here(plan, place, review_site):
    services.accept(place.clerk, tasks(plan)[0])
    services.enter(place.clerk, plan)
    entered = tasks(plan)[0]
    assert entered.result_ref.startswith("item:")
    for call in (lambda: services.reopen(place.clerk, entered), lambda: services.reject(place.clerk, entered, "不要")):
        with pytest.raises(WrongState):
            call()


def test_known_indicator_is_used_unknown_is_proposed_with_unit(plan, place, review_site):
    review_site.take_all(place.clerk, plan, place.units["office"])
    services.enter(place.clerk, plan)
    forest = Target.objects.get(indicator__zh="森林覆盖率")
    assert (str(forest.value), forest.operator, forest.period, forest.region_id) == ("67.5", ">=", "2026", "990100")
    own = Indicator.objects.filter(own=True, status="proposed")
    assert own.exists() and all(row.source.startswith(f"doc:{plan.pk}#") for row in own)


def test_a_different_target_elsewhere_is_shown_beside_the_record(plan, place, review_site):
    other = review_site.PLAN.replace("67.5%", "68.2%").replace("工作要点", "行动计划")
    document, _ = services.upload(place.clerk, "行动计划.txt", other.encode())
    found = queries.clashes(list(Record.objects.filter(document=document)))
    words = [clash for clashes in found.values() for clash in clashes]
    assert [(one.title, one.words) for one in words] == [(plan.title, "67.5 %")]


def test_the_same_file_twice_points_to_the_first(plan, place, review_site):
    again, known = services.upload(place.clerk, "另一个名字.txt", review_site.PLAN.encode())
    assert known and again.pk == plan.pk and Document.objects.count() == 1


def test_rights(plan, place):
    record = tasks(plan)[0]
    for person in (place.chief, place.hydro, place.farmer, place.auditor, place.root):
        for call in (
            lambda p=person: services.upload(p, "a.txt", b"x"), lambda p=person: services.accept(p, record),
            lambda p=person: services.reject(p, record, "不"), lambda p=person: services.enter(p, plan),
            lambda p=person: services.add(p, plan, "task", 0, 5),
            lambda p=person: services.change_facts(p, plan, title="x"),
        ):  # fmt: skip
            with pytest.raises(Forbidden):
                call()


def test_who_opens_a_document(plan, place, review_site):
    def seen(person):
        listed = queries.visible(person).filter(pk=plan.pk).exists()
        assert listed == queries.sees(person, plan) == resolve(plan.ref, person).allowed
        return listed

    assert [seen(p) for p in (place.clerk, place.chief, place.auditor)] == [True] * 3
    assert [seen(p) for p in (place.hydro, place.ranger, place.farmer, place.root)] == [False] * 4
    services.accept(place.clerk, tasks(plan)[0])
    services.enter(place.clerk, plan)
    assert seen(place.hydro) and not seen(place.ranger)  # 市水利局 cooperates
    services.change_facts(place.clerk, plan, secrecy="public")
    plan.refresh_from_db()
    assert seen(place.ranger) and not seen(place.root)
    services.change_facts(place.clerk, plan, secrecy="sensitive")
    plan.refresh_from_db()
    assert not seen(place.clerk)  # nobody here is cleared for 敏感
