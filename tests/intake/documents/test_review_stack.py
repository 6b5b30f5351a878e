"""Undo and redo of decisions: a model of plain lists plays along with the services and must always agree."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from ecocloud.base.errors import Conflict, EcoError
from ecocloud.intake.documents import services
from ecocloud.intake.documents.models import Decision, DecisionRow, Record
from ecocloud.intake.documents.review_errors import Incomplete, Stale, WrongState
from ecocloud.intake.documents.services.bulk import Sweep, preview
from ecocloud.kernel.journal.queries import entries_for

pytestmark = pytest.mark.django_db


def first(document, kind="task", at=0):
    return Record.objects.filter(document=document, kind=kind).order_by("start", "number")[at]


@pytest.fixture
def second(place):
    """Another person of the office."""
    from ecocloud.kernel.regions.models import User
    from ecocloud.kernel.regions.services import CONSOLE, grant_role

    user = User.objects.create_user(
        "second", name="second", department=place.units["office"], must_change_password=False
    )
    grant_role(CONSOLE, user, "office")
    user.refresh_from_db()
    return user


def test_undo_and_redo_of_an_edit_bring_back_every_field(plan, place):
    record = first(plan)
    before = Record.objects.filter(pk=record.pk).values().get()
    services.accept(place.clerk, record, changes={"title": "另一个名称", "lead": place.units["water"]})
    after = Record.objects.filter(pk=record.pk).values().get()
    services.undo(place.clerk, plan)
    back = Record.objects.filter(pk=record.pk).values().get()
    assert {k: v for k, v in back.items() if k != "version"} == {k: v for k, v in before.items() if k != "version"}
    services.redo(place.clerk, plan)
    again = Record.objects.filter(pk=record.pk).values().get()
    assert {k: v for k, v in again.items() if k != "version"} == {k: v for k, v in after.items() if k != "version"}
    verbs = [entry.action.rpartition(".")[2] for entry in entries_for(record.ref).order_by("id")]
    assert verbs[-3:] == ["accept", "undo", "redo"]


def test_a_new_decision_ends_redo(plan, place):
    services.accept(place.clerk, first(plan))
    services.undo(place.clerk, plan)
    services.reject(place.clerk, first(plan, at=1), "重复")
    with pytest.raises(WrongState):
        services.redo(place.clerk, plan)


def test_undo_is_refused_when_somebody_decided_since_and_names_him(plan, place, second):
    record = first(plan)
    services.accept(place.clerk, record)
    services.edit(second, record, {"title": "改名"})
    with pytest.raises(Stale) as refusal:
        services.undo(place.clerk, plan)
    assert "second" in refusal.value.message_zh
    services.undo(second, plan)
    services.undo(place.clerk, plan)
    record.refresh_from_db()
    assert record.state == "pending" and record.decision_id is None


def test_undo_is_refused_after_entry_and_nothing_of_the_step_moves(plan, place):
    services.accept_many(place.clerk, plan, Sweep())
    services.enter(place.clerk, plan)
    before = list(Record.objects.filter(document=plan).order_by("pk").values())
    with pytest.raises(WrongState) as refusal:
        services.undo(place.clerk, plan)
    assert "已入台账" in refusal.value.message_zh
    assert list(Record.objects.filter(document=plan).order_by("pk").values()) == before


def test_an_older_step_of_ones_own_can_be_undone_alone(plan, place):
    one, two = first(plan), first(plan, at=1)
    services.accept(place.clerk, one)
    step = Decision.objects.get(document=plan)
    services.accept(place.clerk, two)
    services.undo(place.clerk, plan, step.pk)
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.state, two.state) == ("pending", "accepted")


def test_nobody_undoes_the_steps_of_another(plan, place, second):
    services.accept(place.clerk, first(plan))
    step = Decision.objects.get(document=plan)
    with pytest.raises(WrongState):
        services.undo(second, plan, step.pk)
    with pytest.raises(WrongState):
        services.undo(second, plan)


def test_bulk_takes_what_it_showed_and_goes_back_as_one(plan, place):
    sweep = Sweep(kinds=("figure",))
    shown = preview(plan, sweep)
    assert shown.ready and {row.kind for row in shown.ready} == {"figure"}
    with pytest.raises(Stale):
        services.accept_many(place.clerk, plan, sweep, expected=len(shown.ready) + 1)
    assert not Record.objects.filter(document=plan, state="accepted").exists()
    done, left = services.accept_many(place.clerk, plan, sweep, expected=len(shown.ready))
    assert done == len(shown.ready)
    assert set(Record.objects.filter(document=plan, state="accepted")) == set(shown.ready)
    assert left == Record.objects.filter(document=plan, state="pending").count()
    assert Decision.objects.get(document=plan).count == done
    services.undo(place.clerk, plan)
    assert not Record.objects.filter(document=plan).exclude(state="pending").exists()


def test_bulk_leaves_open_questions_with_their_reason(plan):
    left = {row.title: why for row, why in preview(plan, Sweep(kinds=("task",))).left}
    assert "按排序首位推定" in left["推进河道清淤"] and "牵头单位" in left["办好主题宣传"]


def test_bulk_rejection_needs_words_and_names_its_section(plan, place):
    sweep = Sweep(span=(plan.text.index("二、"), len(plan.text)))
    with pytest.raises(Incomplete):
        services.reject_many(place.clerk, plan, sweep, " ")
    services.reject_many(place.clerk, plan, sweep, "非本年度")
    for record in Record.objects.filter(document=plan):
        assert (record.state == "rejected") == (record.start >= sweep.span[0])


def test_two_parts_of_a_cut_sentence_become_one(plan, place):
    one, two = services.split(place.clerk, first(plan), [plan.text.index("2026年11月底前")])
    whole = services.merge(place.clerk, one, two)
    assert whole.quote == plan.text[whole.start : whole.end] == one.quote + two.quote
    assert whole.decided["deadline"] == "2026-11-30" and whole.decided["lead"] == one.decided["lead"]
    assert not Record.objects.filter(pk=two.pk).exists() and Record.every.get(pk=two.pk).state == "gone"
    services.undo(place.clerk, plan)
    assert Record.objects.get(pk=two.pk).state == "pending"
    services.undo(place.clerk, plan)
    assert not Record.objects.filter(pk=two.pk).exists()
    assert first(plan).quote == one.quote + two.quote


def test_the_same_thing_told_far_away_keeps_the_first_words(plan, place):
    head, tail = first(plan), first(plan, at=3)
    made = services.merge(place.clerk, tail, head)
    assert made.pk == head.pk and made.quote == head.quote
    assert made.payload["also"] == [{"start": tail.start, "end": tail.end, "quote": tail.quote}]


def test_only_the_same_kind_is_merged_and_only_what_waits(plan, place):
    with pytest.raises(Incomplete):
        services.merge(place.clerk, first(plan), first(plan, "figure"))
    with pytest.raises(Incomplete):
        services.merge(place.clerk, first(plan), first(plan))
    services.accept(place.clerk, first(plan))
    with pytest.raises(WrongState):
        services.merge(place.clerk, first(plan, at=1), first(plan))


def test_a_pair_of_figures_becomes_two(place):
    text = "青瓷市2026年工作要点\n\n一、目标\n\n全市污水处理率由85%提高到92%。\n"
    document, _ = services.upload(place.clerk, "对.txt", text.encode())
    start = text.index("全市污水")
    whole = services.add(place.clerk, document, "figure", start, text.index("。\n", start))
    cut = text.index("85%") + 3
    one, two = services.split(place.clerk, whole, [cut])
    assert (one.decided["value"], two.decided["value"]) == ("85", "92")
    assert one.decided["unit"] == two.decided["unit"] == "%"
    for part in (one, two):
        assert part.quote == text[part.start : part.end]


def test_evidence_chosen_anew_is_exact_and_keeps_the_fields(plan, place):
    record = first(plan)
    start = plan.text.index("完成120个")
    made = services.respan(place.clerk, record, start, start + 11)
    assert made.quote == plan.text[start : start + 11] and made.decided == record.decided
    for bad in ((0, 0), (5, 10**7), (9, 3)):
        with pytest.raises(Incomplete):
            services.respan(place.clerk, made, *bad)


# -- the model ---------------------------------------------------------------------------------------------------------

KEPT = ("state", "title", "decided", "start", "end", "quote", "opinion", "payload")


def picture(document):
    """All records as plain values, the gone ones included."""
    return {row.pop("id"): row for row in Record.every.filter(document=document).values("id", *KEPT)}


class Stack(RuleBasedStateMachine):
    """Two persons decide at random. The model keeps a picture before and after each step, and who stands on top of
    each record; undo and redo must give exactly these pictures or refuse."""

    document = people = units = None

    def __init__(self):
        super().__init__()
        Record.every.filter(document=self.document).exclude(by_hand=False).delete()
        DecisionRow.objects.filter(decision__document=self.document).delete()
        Record.every.filter(document=self.document).update(decision=None)
        Decision.objects.filter(document=self.document).delete()
        self.done: dict[int, list] = {0: [], 1: []}  # (decision, {record: before}, {record: after}, {record: prior})
        self.undone: dict[int, list] = {0: [], 1: []}
        self.on: dict[int, int | None] = {}

    def _record(self, at):
        rows = list(Record.objects.filter(document=self.document).order_by("pk"))
        return rows[at % len(rows)] if rows else None

    def _step(self, who, call):
        before = picture(self.document)
        try:
            call(self.people[who])
        except (Conflict, EcoError):
            assert picture(self.document) == before, "a refused step changes nothing"
            return
        newest = Decision.objects.filter(document=self.document, by=self.people[who]).order_by("-pk").first()
        if newest is None or any(newest.pk == one[0] for one in self.done[who] + self.undone[who]):
            return  # nothing was to be done
        after = picture(self.document)
        keys = set(newest.rows.values_list("record_id", flat=True))
        gone = {"state": "gone"}
        prior = {key: self.on.get(key) for key in keys}
        self.done[who].append((newest.pk, {k: before.get(k, gone) for k in keys}, {k: after[k] for k in keys}, prior))
        self.undone[who] = []
        self.on |= dict.fromkeys(keys, newest.pk)

    @rule(who=st.integers(0, 1), at=st.integers(0, 2))
    def accept(self, who, at):
        record = self._record(at)
        self._step(who, lambda user: services.accept(user, record))

    @rule(who=st.integers(0, 1), at=st.integers(0, 2), words=st.sampled_from(["重复", "不是任务", ""]))
    def reject(self, who, at, words):
        record = self._record(at)
        self._step(who, lambda user: services.reject(user, record, words))

    @rule(who=st.integers(0, 1), at=st.integers(0, 2), title=st.sampled_from(["甲", "乙"]))
    def edit(self, who, at, title):
        record = self._record(at)
        self._step(who, lambda user: services.edit(user, record, {"title": title}))

    @rule(who=st.integers(0, 1), at=st.integers(0, 2))
    def reopen(self, who, at):
        record = self._record(at)
        self._step(who, lambda user: services.reopen(user, record))

    @rule(who=st.integers(0, 1), at=st.integers(0, 2), cut=st.integers(1, 30))
    def split(self, who, at, cut):
        record = self._record(at)
        self._step(who, lambda user: services.split(user, record, [record.start + cut]))

    @rule(who=st.integers(0, 1), at=st.integers(0, 2), other=st.integers(0, 3))
    def merge(self, who, at, other):
        one, two = self._record(at), self._record(other)
        self._step(who, lambda user: services.merge(user, one, two))

    @rule(who=st.integers(0, 1), least=st.sampled_from(["0.5", "0.9"]))
    def bulk(self, who, least):
        from decimal import Decimal

        self._step(who, lambda user: services.accept_many(user, self.document, Sweep(least=Decimal(least))))

    @rule(who=st.integers(0, 1), start=st.integers(0, 150), length=st.integers(1, 20))
    def add(self, who, start, length):
        self._step(who, lambda user: services.add(user, self.document, "task", start, start + length))

    def _turn(self, who, stack, other, call, fields, standing):
        before = picture(self.document)
        key, rows_before, rows_after, prior = stack[-1]
        wanted = dict.fromkeys(prior, key) if standing == "before" else prior
        allowed = all(self.on.get(k) == wanted[k] for k in prior)
        try:
            call(self.people[who], self.document)
        except Conflict:
            assert not allowed and picture(self.document) == before
            return
        assert allowed
        now = picture(self.document)
        aim = rows_before if fields == "before" else rows_after
        for record, row in aim.items():
            assert row["state"] == now[record]["state"]
            if row["state"] != "gone":
                assert now[record] == row
        assert {k: v for k, v in now.items() if k not in aim} == {k: v for k, v in before.items() if k not in aim}
        other.append(stack.pop())
        self.on |= prior if standing == "before" else dict.fromkeys(prior, key)

    @precondition(lambda self: any(self.done.values()))
    @rule(who=st.integers(0, 1))
    def undo(self, who):
        if self.done[who]:
            self.done[who].sort(key=lambda one: one[0])
            self._turn(who, self.done[who], self.undone[who], services.undo, "before", "before")

    @precondition(lambda self: any(self.undone.values()))
    @rule(who=st.integers(0, 1))
    def redo(self, who):
        if self.undone[who]:
            self._turn(who, self.undone[who], self.done[who], services.redo, "after", "after")

    @invariant()
    def every_quote_is_exact(self):
        for record in Record.objects.filter(document=self.document):
            assert record.quote == self.document.text[record.start : record.end]

    @invariant()
    def what_stands_is_what_the_model_says(self):
        for key, decision in Record.every.filter(document=self.document).values_list("pk", "decision_id"):
            assert decision == self.on.get(key)


def test_undo_and_redo_agree_with_a_model(plan, place, second, full_size):
    start = list(Record.objects.filter(document=plan).order_by("pk").values())

    class Machine(Stack):
        document, people, units = plan, (place.clerk, second), place.units

        def __init__(self):
            for row in start:
                Record.every.filter(pk=row["id"]).update(**{k: v for k, v in row.items() if k != "id"})
            super().__init__()

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=80 if full_size else 15, stateful_step_count=25, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck), database=None,
        ),
    )  # fmt: skip
