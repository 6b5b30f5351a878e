"""Export and import of a batch is the identity: every column, every kind of value, every kind that has a workbook."""

import io
from datetime import timedelta
from itertools import zip_longest

import pytest
from django.utils import timezone

from ecocloud.base.sheets import export_workbook, registry
from ecocloud.base.sheets import services as sheets
from ecocloud.kernel.duties import kinds
from ecocloud.kernel.duties.services import batch_books, batches, items
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.models import Department, Region, User
from ecocloud.kernel.regions.permissions import allowed

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
BOOKS = sorted(code for code, kind in kinds.all_kinds().items() if kind.takes_case)
# What spreadsheets like to turn into something else.
HARD = (
    "=1+1", "-5%", "+86 138", "@某人", "'引号", '"双引号"', "001230", "1E5", "2026-02-30", "3/4", "TRUE",
    "第一行\n第二行", "全角　空格", "１２３", "a\tb", "<b>&amp;</b>", "长" * 280,
)  # fmt: skip


@pytest.fixture
def desk(town, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    registry.set_permission_checker(allowed)
    registry.register_family(batch_books.PREFIX, batch_books.make_target, batch_books.keys)
    for n, code in enumerate(("east", "west")):
        place = Region.objects.create(code=f"36090010{n}", name=f"乡{n}", level="township", parent=town.city)
        Department.objects.filter(code=code).update(kind="township", region=place)
    User.objects.update(must_change_password=False)
    return town


def drafts(desk, kind, batch):
    """Items that between them have every value of every choice, hard texts in every text, edges of numbers and days."""
    groups = items.Group("各乡镇", (desk.at_east, desk.at_west))
    units = [[], [desk.at_forest], [desk.at_forest, desk.at_roads], [groups], [desk.at_roads, groups]]
    places = [(None, None), (114.123456, 27.000001), (-180.0, -90.0), (180.0, 90.0), (0.0, 0.0)]
    choices = [list(field.entries) for field in kind.fields if field.kind == "choice"]
    rows = zip_longest(HARD, kind.channels, kind.categories, units, places, *choices)
    for n, (text, channel, category, asked, place, *_entries) in enumerate(rows):
        text, (lon, lat) = text or f"第 {n} 项", place or (None, None)
        values = {}
        for field in kind.fields:
            if field.kind == "choice":
                values[field.code] = list(field.entries)[n % len(field.entries)]
            elif field.kind == "date":
                values[field.code] = TODAY - timedelta(days=n * 37)
            else:
                values[field.code] = text
        yield items.Draft(
            title=text.replace("\n", " ").replace("\t", " "), lead=(desk.at_water, desk.at_forest)[n % 2],
            kind=kind.code, office=batch.office, batch=batch, body=text, units=asked or (), number=f"0{n}-{text[:20]}",
            deadline=TODAY + timedelta(days=n * 11) if n % 3 else None, channel=channel.code if channel else "",
            category=category.code if category else "", place=text[:200].strip(), lon=lon, lat=lat,
            values=values if n % 4 else {},
        )  # fmt: skip


def book_of(batch):
    rows = [batch_books.values_of(row) for row in batch_books.rows_of(batch)]
    return rows, export_workbook(batch_books.spec_of(batch), rows)


def bring(user, batch, content):
    key = f"{batch_books.PREFIX}{batch.pk}"
    return sheets.stage(user, sheets.upload(user, key, "清单.xlsx", io.BytesIO(content)))


@pytest.mark.parametrize("code", BOOKS)
def test_what_goes_out_comes_in_as_it_was(desk, code):
    kind = kinds.kind_of(code)
    batch = batches.create_batch(desk.clerk, name="原批", kind=code)
    with change(desk.clerk.actor()) as tx:
        made = items.make_many(tx, desk.clerk, list(drafts(desk, kind, batch)))
    rows, content = book_of(batch)
    keys = [column.key for column in batch_books.spec_of(batch).columns]
    assert len(rows) == len(made) >= len(HARD)
    # Every column has a value somewhere and every choice is there.
    assert {key for row in rows for key in keys if row.get(key) is not None} == set(keys)
    for name, known in (("channel", kind.channels), ("category", kind.categories)):
        assert {row[name] for row in rows} - {None} == {one.code for one in known}
    # Into the same batch: nothing new, nothing changed.
    again = bring(desk.clerk, batch, content)
    odd = [(row.outcome, row.values.get("number"), row.diffs, row.faults) for row in again.rows.all()]
    assert (again.new, again.changed, again.wrong) == (0, 0, 0), [one for one in odd if one[0] != "same"][:3]
    assert again.same == len(rows)
    # Into an empty one: the same rows, column by column.
    copy = batches.create_batch(desk.clerk, name="副本", kind=code)
    sheets.commit(desk.clerk, bring(desk.clerk, copy, content))
    found, second = book_of(copy)
    for was, now in zip(rows, found, strict=True):
        assert {key: now.get(key) for key in keys} == {key: was.get(key) for key in keys}
    third = bring(desk.clerk, copy, second)
    assert (third.new, third.changed, third.wrong, third.same) == (0, 0, 0, len(rows))


def test_a_mapping_saved_for_one_monthly_list_is_known_for_the_next(desk):
    """The list of a hotline has a heading of its own; said once what it is, the next batch of that source knows it."""
    from openpyxl import Workbook

    out, wb = io.BytesIO(), Workbook()
    for row in (["流水", "群众怎么说", "承办单位", "事发地址"], ["G1", "河边有垃圾", "市水利局", "桥下"]):
        wb.active.append(row)
    wb.save(out)
    content = out.getvalue()

    def monthly(name, channel):
        return batches.create_batch(desk.clerk, name=name, kind="case", channel=channel)

    def upload(batch):
        return sheets.upload(desk.clerk, f"{batch_books.PREFIX}{batch.pk}", "清单.xlsx", io.BytesIO(content))

    def known(upload):
        return {key for key, *_rest in upload.mapping["columns"]}

    first = upload(monthly("12369 八月", "hotline_12369"))
    assert known(first) == {"lead", "place"}
    chosen = {1: "number", 2: "body", 3: "lead", 4: "place"}
    sheets.choose_mapping(desk.clerk, first, chosen, remember_as="12369 导出表")
    second = upload(monthly("12369 九月", "hotline_12369"))
    staged = sheets.stage(desk.clerk, second)
    assert (staged.new, staged.wrong) == (1, 0)
    # Another source has its own headings.
    third = upload(monthly("12345 九月", "hotline_12345"))
    assert known(third) == {"lead", "place"}
