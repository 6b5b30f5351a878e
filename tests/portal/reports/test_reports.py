"""Reports through their services: taken once, routed, told, replied, rated, reopened; what nobody else may see."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ecocloud.base.errors import Forbidden
from ecocloud.kernel.duties import services as duties
from ecocloud.kernel.duties.models import Notice, Reporter, WorkItem
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.regions.grids.models import Grid, GridTerm, GridVersion
from ecocloud.kernel.regions.models import Department
from ecocloud.portal import words
from ecocloud.portal.errors import NoSuchReport, NotNow, NotOpen, Refused
from ecocloud.portal.reports import queries, services
from ecocloud.portal.reports.models import Report, ReportDesk

pytestmark = pytest.mark.django_db
PROOF = {"refs": ["doc:1#1-2"]}


def given(town, key="k1", **more):
    fields = {"category": "water", "region": town.village, "text": "河水发黑", "client_key": key} | more
    return services.Given(**fields)


def item_of(report):
    return WorkItem.objects.get(pk=int(report.item_ref.partition(":")[2]))


def done(town, report):
    """Its case handled by the unit and accepted by somebody else."""
    item = duties.issue(town.clerk, item_of(report))
    item = duties.report(town.worker, duties.sign(town.worker, item), "已封堵", **PROOF)
    duties.accept(town.second, item)
    return Report.objects.get(pk=report.pk)


def steps(report):
    return list(report.steps.values_list("kind", flat=True))


def test_a_report_becomes_a_case_of_the_unit_with_the_function_in_the_county(town):
    report = services.create(given(town, contact="13800000000"))
    item = item_of(report)
    assert (item.kind, item.channel, item.category) == ("case", "public", "water")
    assert item.lead_department == town.ecology == report.unit
    assert (report.state, steps(report)) == ("handling", ["received", "handed"])
    assert item.source_ref == report.ref and Reporter.objects.get(item=item).ref == report.ref
    assert "13800000000" not in item.body + item.title


def test_categories_of_the_grid_go_to_its_owner_and_the_others_do_not(town):
    grid = Grid.objects.create(code="G1", level=3, name="上村网格", region=town.village, department=town.east)
    GridVersion.objects.create(grid=grid, number=1, name="上村网格", region=town.village, members=["360802100201"],
                               valid_from=timezone.localdate() - timedelta(days=9))  # fmt: skip
    GridTerm.objects.create(grid=grid, department=town.east, valid_from=timezone.localdate() - timedelta(days=9))
    assert services.create(given(town, category="waste")).unit == town.east
    assert services.create(given(town, key="k2")).unit == town.ecology


def test_where_nobody_answers_the_office_keeps_it(town):
    Department.objects.filter(pk=town.ecology.pk).update(function="")
    report = services.create(given(town))
    assert report.unit == town.office and report.state == "handling"


def test_a_refused_case_leaves_the_report_with_the_office_and_a_notice(town, monkeypatch):
    def refuse(*_args, **_more):
        raise Refused("x", "x")

    monkeypatch.setattr("ecocloud.portal.reports.handing.hand", refuse)
    report = services.create(given(town))
    assert (report.state, report.item_ref, steps(report)) == ("received", None, ["received"])
    assert Notice.objects.get(ref=report.ref).department == town.office
    monkeypatch.undo()
    assert queries.waiting(town.clerk).get() == report
    handed = services.hand_over(town.clerk, report, town.east)
    assert (handed.state, handed.unit) == ("handling", town.east)
    with pytest.raises(NotNow):
        services.hand_over(town.clerk, report, town.east)


def test_the_same_form_twice_is_one_report(town):
    first, again = services.create(given(town)), services.create(given(town, text="别的"))
    assert first.pk == again.pk and Report.objects.count() == 1 and WorkItem.objects.count() == 1


@pytest.mark.parametrize(
    "wrong", [{"category": "none"}, {"text": "", "photos": ()}, {"text": "长" * 1001}, {"contact": "1" * 61}]
)
def test_what_is_missing_or_too_long_is_said_and_nothing_is_kept(town, wrong):
    with pytest.raises(Refused):
        services.create(given(town, **wrong))
    assert not Report.objects.exists()


def test_a_closed_desk_takes_nothing(town):
    services.open_desk(town.clerk, is_open=False)
    with pytest.raises(NotOpen):
        services.create(given(town))
    with pytest.raises(Forbidden):
        services.open_desk(town.worker)
    assert not ReportDesk.objects.get().is_open


def test_the_contact_is_sealed_and_open_to_the_handling_unit_alone(town):
    report = services.create(given(town, contact="13800000000"))
    assert b"13800000000" not in bytes(Report.objects.get(pk=report.pk).contact)
    assert services.read_contact(town.worker, report) == "13800000000"
    assert Entry.objects.filter(action="portal.contact.read").count() == 1
    for stranger in (town.clerk, town.reader):
        with pytest.raises(Forbidden):
            services.read_contact(stranger, report)
    assert Entry.objects.filter(action="portal.contact.read").count() == 1


def test_the_journal_holds_neither_the_words_nor_the_contact_nor_an_address(town):
    services.create(given(town, contact="13800000000"))
    entry = Entry.objects.get(action="portal.report.create")
    assert "河水发黑" not in entry.after and "13800000000" not in entry.after
    assert (entry.actor_id, entry.address) == ("public", "")


def test_the_report_follows_its_case_to_the_end_and_back(town):
    report = done(town, services.create(given(town)))
    assert (report.state, report.ended_on) == ("done", timezone.localdate())
    assert steps(report)[-1] == "done"
    assert queries.unanswered(town.worker).get() == report
    services.reply(town.worker, report, "已封堵排口")
    assert not queries.unanswered(town.worker).exists()
    report = services.reopen(services.rate(report, 2, "还有"), "还在流")
    item = item_of(report)
    assert item.is_open and Report.objects.get(pk=report.pk).state == "handling"
    assert Report.objects.get(pk=report.pk).rating is None
    assert "reopened" in steps(report)
    report = Report.objects.get(pk=report.pk)
    with pytest.raises(NotNow):
        services.reopen(report, "再来")


def test_merged_reports_end_together(town):
    first, second = services.create(given(town)), services.create(given(town, key="k2"))
    duties.act(town.clerk, item_of(second), "merge", opinion="同一件", into=item_of(first))
    assert Report.objects.get(pk=second.pk).state == "handling" and steps(second)[-1] == "merged"
    done(town, first)
    assert Report.objects.get(pk=second.pk).state == "done"


def test_not_taking_a_report_ends_its_case_and_tells_why(town):
    report = services.create(given(town))
    with pytest.raises(Forbidden):
        services.refuse(town.worker, report, "不归我")
    with pytest.raises(Refused):
        services.refuse(town.second, report, " ")
    services.refuse(town.second, report, "不属于生态环境问题")
    report = Report.objects.get(pk=report.pk)
    assert (report.state, item_of(report).state) == ("refused", "terminated")
    assert [(one.kind, one.text) for one in report.steps.all()][-1] == ("refused", "不属于生态环境问题")
    assert steps(report).count("refused") == 1


def test_only_the_handling_unit_and_the_office_reply(town):
    report = services.create(given(town))
    with pytest.raises(NoSuchReport):  # not in the township's reach
        services.reply(town.mayor, report, "x")
    assert services.reply(town.clerk, report, "<b>好</b>").reply == "<b>好</b>"


def test_also_seen_counts_browsers(town):
    report = services.create(given(town))
    assert [services.also_seen(report, key) for key in ("a", "a", "b")] == [1, 1, 2]


def test_like_reports_are_those_near_of_the_same_category_and_open(town):
    report = services.create(given(town, lon=114.98, lat=27.12))
    assert [one.report for one in queries.near("water", 114.981, 27.12)] == [report]
    assert 95 <= queries.near("water", 114.981, 27.12)[0].metres <= 103  # 0.001 degrees of longitude at 27.12 N: 99 m
    assert queries.near("air", 114.981, 27.12) == [] == queries.near("water", 115.2, 27.12)
    done(town, report)
    assert queries.near("water", 114.981, 27.12) == []


def test_the_word_is_derived_and_forgives_how_it_is_typed(town):
    report = services.create(given(town))
    word = words.word_of(report.number, report.salt)
    assert len(word) == 10 and services.is_reporter(report, f" {word[:5].lower()}-{word[5:]} ")
    assert not services.is_reporter(report, word[:-1]) and not services.is_reporter(report, "")


def test_numbers_are_the_day_and_five_digits(town):
    number = services.create(given(town)).number
    assert number.startswith(f"{timezone.localdate():%y%m%d}") and len(number) == 11
