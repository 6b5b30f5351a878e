"""Figures of a dispatch round: observations when accepted, none when returned, asked for once, with their source."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.cache import cache, caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ecocloud.base.errors import Forbidden
from ecocloud.kernel.duties import errors, links, round_page
from ecocloud.kernel.duties.models import RoundReport
from ecocloud.kernel.duties.services import figures, rounds
from ecocloud.kernel.evidence import services as evidence
from ecocloud.kernel.evidence.errors import EvidenceError, Locked, WrongState
from ecocloud.kernel.evidence.models import Indicator, Observation
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.regions.models import Role, RolePermission, User

pytestmark = pytest.mark.django_db
DAY = date(2026, 5, 8)


@pytest.fixture
def rights(town):
    """What room.py of the evidence room grants."""
    from ecocloud.kernel.evidence.room import ROOM

    for role in Role.objects.all():
        codes = [right.code for right in ROOM.permissions if role.code in right.roles]
        RolePermission.objects.bulk_create(RolePermission(role=role, code=code) for code in codes)
    cache.clear()
    caches["shared"].clear()
    User.objects.update(must_change_password=False)
    return town


@pytest.fixture
def forest(rights):
    return Indicator.objects.create(code="FOR.PLANT", zh="造林面积", unit="公顷", group="for", aggregation="sum")


@pytest.fixture
def share(rights):
    return Indicator.objects.create(code="WAT.GOOD", zh="水质优良比例", unit="%", group="wat", aggregation="mean")


@pytest.fixture
def goal(rights, forest):
    return evidence.set_target(rights.clerk, forest, rights.city, "2026", ">=", 120, document="doc:1#1-2")


@pytest.fixture
def opened(rights, make, goal):
    """An item linked to the target, its report in the round of April, and a second item with the same target."""
    one = make("in_progress", targets=[f"target:{goal.pk}"])
    two = make("in_progress", targets=[f"target:{goal.pk}"])
    row = rounds.open_round(rights.clerk, period="2026-04", due=DAY)
    report = {item.pk: RoundReport.objects.get(round=row, item=item) for item in (one, two)}
    return row, report[one.pk], report[two.pk]


def fill(who, report, value, ref=None, **more):
    told = {ref or report.item.targets.get().target_ref: value} if value is not None else {}
    report = RoundReport.objects.get(pk=report.pk)
    return rounds.fill(who, report, progress=40, text="完成造林", figures=told, **more)


def standing():
    return [
        (o.period, o.region_id, o.value, o.source)
        for o in Observation.objects.filter(status__in=("confirmed", "locked"))
    ]


def test_accepting_confirms_the_figure_by_the_one_who_accepts(opened, rights, forest):
    row, report, _ = opened
    told = fill(rights.hydro, report, "36.5")
    assert Observation.objects.count() == 0  # what is only sent counts nowhere
    done = rounds.check(rights.clerk, told, remark="属实")
    seen = Observation.objects.get()
    assert (seen.status, seen.value, seen.indicator, seen.region) == ("confirmed", Decimal("36.5"), forest, rights.city)
    assert (seen.period, seen.start, seen.end) == ("2026-04", date(2026, 4, 1), date(2026, 4, 30))
    assert (seen.entered_by, seen.confirmed_by, seen.department) == (rights.hydro, rights.clerk, rights.at_water)
    assert seen.source == f"roundreport:{report.pk}#FOR.PLANT"
    # one change, one link of the journal: report, progress, value, confirmation
    last = Entry.objects.latest("id").tx
    assert list(Entry.objects.filter(tx=last).values_list("action", flat=True)) == [
        "duties.item.progress",
        "evidence.observation.record",
        "evidence.observation.confirmed",
        "duties.report.check",
    ]
    with pytest.raises(rounds.WrongReportState):
        rounds.check(rights.clerk, done)
    assert figures.take_in(rights.clerk, RoundReport.objects.get(pk=done.pk)) == [seen]  # repeating adds nothing
    assert Observation.objects.count() == 1


def test_accept_return_accept_leaves_one_value_and_its_story(opened, rights):
    row, report, _ = opened
    done = rounds.check(rights.clerk, fill(rights.hydro, report, "36.5"))
    back = rounds.send_back(rights.second, done, "面积应按验收口径")
    assert standing() == [] and Observation.objects.get().status == "returned"
    again = rounds.check(rights.clerk, fill(rights.hydro2, back, "31"))
    assert standing() == [("2026-04", "360900", Decimal(31), f"roundreport:{report.pk}#FOR.PLANT")]
    assert Observation.objects.get().entered_by == rights.hydro2
    story = Entry.objects.filter(ref_kind="obs").order_by("id").values_list("action", flat=True)
    assert [name.rpartition(".")[2] for name in story] == ["record", "confirmed", "returned", "record", "confirmed"]
    assert again.state == "accepted"


def test_a_report_returned_before_it_was_accepted_leaves_nothing(opened, rights):
    _, report, _ = opened
    rounds.send_back(rights.clerk, fill(rights.hydro, report, "36.5"), "缺来源")
    assert Observation.objects.count() == 0


def test_after_the_lock_nothing_comes_back_and_the_refusal_says_where_to_correct(opened, rights):
    row, report, _ = opened
    done = rounds.check(rights.clerk, fill(rights.hydro, report, "36.5"))
    rounds.lock(rights.clerk, row, even_if_owed=True)
    report = RoundReport.objects.get(pk=done.pk)
    for act in (lambda: rounds.send_back(rights.clerk, report, "改"), lambda: fill(rights.hydro, report, "30")):
        with pytest.raises(rounds.WrongReportState) as refused:
            act()
        assert "已锁定" in refused.value.message_zh and "更正并说明理由" in refused.value.remedy_zh
    new = evidence.correct(rights.hydro, Observation.objects.get(), value=30, reason="按验收口径")
    evidence.confirm(rights.clerk, new)
    assert [value for *_, value, _ in standing()] == [Decimal(30)]


def test_a_year_locked_in_the_evidence_room_holds_values_and_reports(opened, rights):
    row, report, other = opened
    done = rounds.check(rights.clerk, fill(rights.hydro, report, "36.5"))
    evidence.lock(rights.clerk, rights.city, 2026)
    with pytest.raises(Locked, match="lock") as refused:
        rounds.send_back(rights.clerk, done, "改")
    assert "2026 年的数据已锁定" in refused.value.sentence_zh() and "解锁" in refused.value.remedy_zh
    assert RoundReport.objects.get(pk=done.pk).state == "accepted"  # the report was not returned either
    with pytest.raises(Locked):
        evidence.correct(rights.hydro, Observation.objects.get(), value=30, reason="按验收口径")
    assert fill(rights.hydro, other, "36.5").state == "submitted"  # the same value is no change
    new = Indicator.objects.create(code="FOR.OTHER", zh="封山育林", unit="公顷", group="for")
    with pytest.raises(Locked):
        fill(rights.hydro, other, "5", ref=f"ind:{new.code}")


def test_a_corrected_value_cannot_be_taken_back_with_its_report(opened, rights):
    _, report, _ = opened
    done = rounds.check(rights.clerk, fill(rights.hydro, report, "36.5"))
    open_one = evidence.correct(rights.hydro, Observation.objects.get(), value=30, reason="按验收口径")
    with pytest.raises(WrongState, match="taken back"):
        rounds.send_back(rights.clerk, done, "改")
    evidence.confirm(rights.clerk, open_one)
    with pytest.raises(WrongState, match="taken back"):
        rounds.send_back(rights.clerk, done, "改")
    assert [value for *_, value, _ in standing()] == [Decimal(30)]


def test_two_reports_with_one_figure_keep_one_value(opened, rights):
    row, first, second = opened
    one = fill(rights.hydro, first, "36.5")
    two = fill(rights.hydro, second, "36.5")
    third = fill(rights.hydro, second, "99", version=two.version)
    rounds.check(rights.clerk, one)
    with pytest.raises(figures.FigureHeld) as refused:  # another number for the same thing: nothing is accepted
        rounds.check(rights.clerk, third)
    assert "36.5公顷" in refused.value.message_zh and "99" in refused.value.message_zh
    assert RoundReport.objects.get(pk=second.pk).state == "submitted" and len(standing()) == 1
    with pytest.raises(figures.FigureHeld):
        fill(rights.hydro, second, "98")
    two = rounds.check(rights.clerk, fill(rights.hydro, second, "36.50"))
    assert len(standing()) == 1
    rounds.send_back(rights.clerk, RoundReport.objects.get(pk=first.pk), "改")
    # the value now rests on the other accepted report
    assert standing() == [("2026-04", "360900", Decimal("36.5"), f"roundreport:{second.pk}#FOR.PLANT")]
    rounds.send_back(rights.second, RoundReport.objects.get(pk=second.pk), "改")
    assert standing() == []


@pytest.mark.parametrize(("value", "kind"), [
    ("abc", EvidenceError), ("-1", EvidenceError), ("NaN", EvidenceError), ("0.1234567", errors.Invalid),
    ("1e12", errors.Invalid),
])  # fmt: skip
def test_a_wrong_number_is_refused_when_it_is_filled_in(opened, rights, value, kind):
    _, report, _ = opened
    with pytest.raises(kind):
        fill(rights.hydro, report, value)
    assert RoundReport.objects.get(pk=report.pk).state == "owed"


def test_edges_of_numbers_units_and_references(opened, rights, share):
    _, report, _ = opened
    assert fill(rights.hydro, report, "").figures == {}
    assert fill(rights.hydro, report, "0").figures == {report.item.targets.get().target_ref: "0"}
    assert fill(rights.hydro, report, "1,234.500", ref="FOR.PLANT").figures == {"ind:FOR.PLANT": "1234.5"}
    assert fill(rights.hydro, report, "100", ref="WAT.GOOD").figures == {"ind:WAT.GOOD": "100"}
    with pytest.raises(EvidenceError, match="above 100"):
        fill(rights.hydro, report, "100.000001", ref="WAT.GOOD")
    for unknown in ("ind:NO", "target:999999", "doc:1", "bank", "target:x"):
        with pytest.raises(errors.Invalid, match="no such indicator"):
            fill(rights.hydro, report, "3", ref=unknown)


def test_a_figure_outside_the_reach_of_the_unit_is_refused_when_filled(opened, rights, forest):
    from ecocloud.kernel.regions.models import Region

    _, report, _ = opened
    far = Region.objects.create(code="361000", name="远市", level="city")
    goal = evidence.set_target(rights.clerk, forest, far, "2026", ">=", 1, document="doc:1#1-2")
    with pytest.raises(Forbidden, match="scope"):
        fill(rights.hydro, report, "3", ref=f"target:{goal.pk}")


def test_what_is_held_is_shown_with_its_source_and_not_asked_again(opened, rights, client):
    row, report, other = opened
    rounds.check(rights.clerk, fill(rights.hydro, report, "36.5"))
    reports = round_page.unit_reports(rights.hydro, row, rights.at_water)
    boxes = {line.report.pk: line.figures for line in round_page.fill_rows(rights.hydro, reports, row.period)}
    seen = Observation.objects.get()
    assert [(box["value"], box["held"], box["source"]) for box in boxes[other.pk]] == [("36.5", True, f"obs:{seen.pk}")]
    client.force_login(User.objects.get(pk=rights.hydro.pk))
    page = client.get(reverse("duties:fill", args=[row.pk])).content.decode()
    assert "已有数据，不需再填" in page and f'name="figure-{other.pk}' not in page
    # a posted number for it is not read; the rest of the row is sent
    box = boxes[other.pk][0]["name"]
    sent = {
        f"version-{other.pk}": other.version,
        f"progress-{other.pk}": "45",
        f"text-{other.pk}": "完成",
        box: "77",
        "do": "send",
    }
    assert client.post(reverse("duties:fill", args=[row.pk]), sent).status_code == 302
    other = RoundReport.objects.get(pk=other.pk)
    assert other.state == "submitted" and other.figures == {}


def test_the_form_takes_figures_and_the_check_page_shows_them(opened, rights, client):
    row, report, _ = opened
    client.force_login(User.objects.get(pk=rights.hydro.pk))
    ref = report.item.targets.get().target_ref
    sent = {
        f"version-{report.pk}": 1,
        f"progress-{report.pk}": "45",
        f"text-{report.pk}": "完成",
        f"figure-{report.pk}-{ref}": "36.5",
    }
    assert client.post(reverse("duties:fill", args=[row.pk]), sent | {"do": "draft"}).status_code == 302
    assert RoundReport.objects.get(pk=report.pk).figures == {ref: "36.5"}
    assert 'value="36.5"' in client.get(reverse("duties:fill", args=[row.pk])).content.decode()
    assert (
        client.post(reverse("duties:fill", args=[row.pk]), sent | {f"version-{report.pk}": 2, "do": "send"}).status_code
        == 302
    )
    client.force_login(User.objects.get(pk=rights.clerk.pk))
    page = client.get(reverse("duties:check", args=[row.pk])).content.decode()
    assert "造林面积" in page and "36.5" in page


def test_the_source_opens_the_report_for_those_who_see_it(opened, rights):
    _, report, _ = opened
    rounds.check(rights.clerk, fill(rights.hydro, report, "36.5"))
    ref = Ref.parse(Observation.objects.get().source)
    found = links.resolve_report(ref, rights.hydro)
    assert found.allowed and report.item.code in found.title and "造林面积 36.5公顷" in found.excerpt
    assert reverse("duties:check", args=[report.round_id]) in found.url and f"#report-{report.pk}" in found.url
    assert "市水利局" in found.place
    assert not links.resolve_report(ref, rights.farmer).allowed and not links.resolve_report(ref, rights.root).allowed
    assert links.resolve_report(Ref("roundreport", "999999"), rights.clerk) is None
    assert links.resolve_report(Ref("roundreport", "x"), rights.clerk) is None


def test_the_fill_page_needs_the_same_queries_for_three_and_for_fifteen_reports(opened, rights, make, goal, client):
    client.force_login(User.objects.get(pk=rights.hydro.pk))

    def count(period, more):
        for n in range(more):
            one = Indicator.objects.create(code=f"X.{period}.{n}", zh=f"指标{period}{n}", unit="个", group="x")
            own = evidence.set_target(rights.clerk, one, rights.city, "2026", ">=", 1, document="doc:1#1-2")
            make("in_progress", targets=[f"target:{goal.pk}", f"target:{own.pk}"])
        row = rounds.open_round(rights.clerk, period=period, due=DAY)
        url = reverse("duties:fill", args=[row.pk])
        client.get(url)  # what is read once per process is read now
        with CaptureQueriesContext(connection) as found:
            page = client.get(url)
        return page.content.decode().count('name="text-'), len(found)

    (few, with_few), (many, with_many) = count("2026-05", 1), count("2026-06", 12)
    assert (few, many) == (3, 15) and with_few == with_many <= 24


def test_rights_are_those_of_both_rooms(opened, rights):
    _, report, _ = opened
    told = fill(rights.hydro, report, "36.5")
    RolePermission.objects.filter(role__code="office", code="evidence.observation.review").delete()
    cache.clear()
    caches["shared"].clear()
    clerk = User.objects.get(pk=rights.clerk.pk)
    with pytest.raises(Forbidden):
        rounds.check(clerk, told)
    assert RoundReport.objects.get(pk=report.pk).state == "submitted" and Observation.objects.count() == 0


def test_the_page_of_an_item_names_its_targets_with_value_and_bar(client, rights, make, goal, forest):
    evidence.record_observation(rights.clerk, forest, rights.city, "2026", 90, source="doc:1#5-6", confirmed=True)
    item = make("in_progress", targets=[f"target:{goal.pk}"])
    client.force_login(rights.clerk)
    page = client.get(links.item_url(item.pk)).content.decode()
    line = page[page.index("关联指标</dt>") :].split("</dd>")[0]
    assert "造林面积 某市 2026年目标" in line
    assert "现值 90公顷" in line and "目标 120公顷" in line
