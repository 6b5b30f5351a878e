"""An office's own workbook becomes items; dispatch reports come back from units that do not sign in."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone
from openpyxl import Workbook

from ecocloud.base.errors import Forbidden
from ecocloud.base.sheets import export_workbook, registry
from ecocloud.base.sheets import services as sheets
from ecocloud.kernel.duties import queries, services
from ecocloud.kernel.duties.errors import Invalid
from ecocloud.kernel.duties.models import ItemEvent, RoundReport, WorkItem
from ecocloud.kernel.duties.services import ledger, rounds
from ecocloud.kernel.journal.verification import verify
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.regions.permissions import allowed

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
HEAD = ["序号", "工作任务", "牵头单位", "配合单位", "完成时限", "完成率", "工作进展"]


@pytest.fixture
def desk(town, settings, tmp_path):
    """Targets and the permission check, as the shell sets them at start; townships of the city."""
    settings.MEDIA_ROOT = tmp_path / "files"
    registry.set_permission_checker(allowed)
    for target in ledger.targets():
        registry.register_target(target)
    for n, (code, name) in enumerate((("east", "东乡"), ("west", "西镇"))):
        place = Region.objects.create(code=f"36090010{n}", name=name, level="township", parent=town.city)
        Department.objects.filter(code=code).update(kind="township", region=place)
    return town


def book(rows):
    out, wb = io.BytesIO(), Workbook()
    for row in [HEAD, *rows]:
        wb.active.append(row)
    wb.save(out)
    out.seek(0)
    return out


def bring(user, stream, target="duties.ledger", **more):
    batch = sheets.stage(user, sheets.upload(user, target, "台账.xlsx", stream))
    return batch, more


ROWS = [
    [1, "完成清江断面整治", "市水利局", "市林业局、市交通局", date(TODAY.year, 12, 31), "45%", "已完成招标"],
    [2, "植树造林 2 万亩", "市林业局", "各乡镇（街道）", f"{TODAY.year}年11月底", "", ""],
]


def test_existing_ledger_becomes_items_with_units_deadlines_and_progress(desk, exact):
    batch, _ = bring(desk.clerk, book(ROWS))
    assert (batch.new, batch.wrong) == (2, 0), [r.faults for r in batch.rows.all()]
    sheets.commit(desk.clerk, batch)
    first, second = WorkItem.objects.order_by("id")
    assert (first.lead_department, first.state, first.progress) == (desk.at_water, "in_progress", Decimal(45))
    assert first.deadline == date(TODAY.year, 12, 31) and second.deadline == date(TODAY.year, 11, 30)
    assert set(first.units.values_list("department__code", flat=True)) == {"forest", "roads"}
    assert [e.action for e in first.events.all()] == ["create", "progress"] and first.version == 2
    assert second.state == "registered"
    groups = set(second.units.values_list("department__code", "text", "is_group"))
    assert groups == {("east", "各乡镇（街道）", True), ("west", "各乡镇（街道）", True)}
    assert second in queries.visible(desk.farmer)
    assert verify().findings == []
    exact()


def test_importing_again_changes_nothing_and_a_corrected_row_is_a_change(desk, exact):
    sheets.commit(desk.clerk, bring(desk.clerk, book(ROWS))[0])
    rows = [list(row[:6]) + [""] for row in ROWS]
    again, _ = bring(desk.clerk, book(rows))
    assert (again.new, again.changed, again.same) == (0, 0, 2), [(r.outcome, r.diffs) for r in again.rows.all()]
    rows[0][4], rows[0][5] = date(TODAY.year, 12, 1), "60%"
    sheets.commit(desk.clerk, bring(desk.clerk, book(rows))[0])
    item = WorkItem.objects.order_by("id").first()
    assert (item.deadline, item.progress, WorkItem.objects.count()) == (date(TODAY.year, 12, 1), Decimal(60), 2)
    assert "期限" in ItemEvent.objects.filter(item=item, action="change").get().detail
    # whoever brings in a workbook has not handled the duty and may review it
    assert not ItemEvent.objects.filter(item=item, is_handling=True).exists()
    exact()


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ([1, "任务", "火星事务局", "", "", "", ""], "牵头单位"),  # unknown unit
        ([1, "任务", "各乡镇（街道）", "", "", "", ""], "牵头单位"),  # a group cannot be accountable
        ([1, "", "市水利局", "", "", "", ""], "任务"),
        ([1, "任务", "市水利局", "火星事务局", "", "", ""], "配合单位"),
        ([1, "任务", "市水利局", "", "尽快", "", ""], "期限"),
        ([1, "任务", "市水利局", "", "", "120%", ""], "进度"),
    ],
)
def test_bad_rows_are_named_and_nothing_is_written(desk, row, column):
    batch, _ = bring(desk.clerk, book([*ROWS, row]))
    wrong = batch.rows.get(outcome="wrong")
    assert column in str(wrong.faults), wrong.faults
    with pytest.raises(sheets.ErrorsRemain):
        sheets.commit(desk.clerk, batch)
    assert WorkItem.objects.count() == 0
    sheets.commit(desk.clerk, batch, skip_errors=True)
    assert WorkItem.objects.count() == 2


def test_import_needs_its_own_right(desk):
    with pytest.raises(Forbidden):
        bring(desk.hydro, book(ROWS))


def test_dispatch_workbook_goes_out_and_comes_back(desk, make, exact):
    item = make("in_progress", deadline=date(TODAY.year, 12, 31))
    row = rounds.open_round(desk.clerk, period=f"{TODAY:%Y-%m}", due=TODAY)
    spec = ledger.round_spec(desk.clerk)
    told = ledger.round_rows(desk.clerk, row.pk, desk.at_water.pk)
    assert [line["code"] for line in told] == [item.code]
    told[0] |= {"progress": Decimal("37.5"), "text": "完成一半", "problem": "资金未到位"}
    batch, _ = bring(desk.clerk, io.BytesIO(export_workbook(spec, told)), "duties.round")
    assert (batch.changed, batch.wrong) == (1, 0), [r.faults for r in batch.rows.all()]
    sheets.commit(desk.clerk, batch)
    report = RoundReport.objects.get(round=row, item=item)
    assert (report.state, report.progress, report.problem) == ("submitted", Decimal("37.5"), "资金未到位")
    rounds.check(desk.second, report)
    item.refresh_from_db()
    assert item.progress == Decimal("37.5")
    assert not ledger.round_rows(desk.ranger, row.pk)


def test_a_unit_fills_only_its_own_reports(desk, make):
    make("in_progress")
    row = rounds.open_round(desk.clerk, period=f"{TODAY:%Y-%m}", due=TODAY)
    told = [ledger.round_rows(desk.clerk, row.pk)[0] | {"progress": Decimal(10), "text": "代填"}]
    batch, _ = bring(desk.ranger, io.BytesIO(export_workbook(ledger.round_spec(desk.ranger), told)), "duties.round")
    with pytest.raises(Invalid, match="no such report"):
        sheets.commit(desk.ranger, batch)
    assert RoundReport.objects.get().state == "owed"


def test_many_rows_are_written_set_by_set(desk, django_assert_max_num_queries, exact):
    drafts = [services.Draft(title=f"任务{n}", lead=desk.at_water, units=[desk.at_forest]) for n in range(100)]
    from ecocloud.kernel.duties.services import items
    from ecocloud.kernel.journal.services import change

    with django_assert_max_num_queries(60), change(desk.clerk.actor()) as tx:
        made = items.make_many(tx, desk.clerk, drafts)
    assert len({item.code for item in made}) == 100
