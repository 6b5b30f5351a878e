"""A workbook of 2,203 problems: validate, preview, commit; beside openpyxl and items created one by one.

``python benchmarks/rectification.py [ROWS]`` makes a site in a temporary folder and prints seconds and ratios. The goal
is ten seconds in all for 2,203 rows; nothing is asserted, a busy machine is told by processor time and by the
alternative.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import time
from datetime import date, timedelta

ROWS = 2203
SAMPLE = 200
HEAD = [
    "问题编号",
    "问题名称",
    "责任单位",
    "整改时限",
    "问题来源",
    "问题类型",
    "具体位置",
    "经度",
    "纬度",
    "整改目标",
    "问题描述",
]


def workbook(rows: int) -> bytes:
    """A list as an office has it: numbers, units by name, dates, places."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("清单")
    sheet.append(HEAD)
    units = ("市自然资源局", "市林业局", "市水利局", "东乡人民政府", "西镇人民政府")
    for k in range(rows):
        due = date.today() + timedelta(days=60 + k % 300)
        sheet.append(
            [f"矿-{k:05d}", f"{k} 号废弃矿点边坡裸露、未复绿", units[k % 5], due, "中央督察", "矿山生态",
             f"第 {k % 90} 号图斑北侧",
             113 + k / 20000, 27 + k / 20000, "边坡稳定、植被恢复", "历史遗留矿点，边坡裸露，存在水土流失。" * 3]
        )  # fmt: skip
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def site() -> object:
    """A fresh site with an office, its clerk and five units; returns the clerk."""
    import django

    django.setup()
    from ecocloud.kernel.duties.room import ROOM
    from ecocloud.kernel.regions.facts import roles_file
    from ecocloud.kernel.regions.models import Department, Region, Role, RoleGrant, RolePermission, User
    from ecocloud.web.tables import create_or_update

    create_or_update("default")
    row = next(one for one in roles_file().roles if one.code == "office")
    role, _ = Role.objects.get_or_create(code="office", defaults=row.model_dump(exclude={"code"}))
    for right in ROOM.permissions:
        if "office" in right.roles:
            RolePermission.objects.get_or_create(role=role, code=right.code)
    city, _ = Region.objects.get_or_create(code="360900", defaults={"name": "某市", "level": "city"})
    office, _ = Department.objects.get_or_create(code="office", defaults={"name": "市生态文明办", "region": city})
    for n, name in enumerate(("市自然资源局", "市林业局", "市水利局", "东乡人民政府", "西镇人民政府")):
        Department.objects.get_or_create(code=f"unit{n}", defaults={"name": name, "region": city})
    clerk = User.objects.create_user("clerk", name="clerk", department=office)
    RoleGrant.objects.create(user=clerk, role=role)
    return clerk


def ours(clerk: object, content: bytes) -> tuple[float, float, float]:
    """Seconds to read and validate with the preview, to commit, and to export and read again."""
    from ecocloud.base.sheets import export_workbook, registry, services
    from ecocloud.kernel.duties.services import batch_books, batches
    from ecocloud.kernel.regions.permissions import allowed

    registry.set_permission_checker(allowed)
    registry.register_family(batch_books.PREFIX, batch_books.make_target, batch_books.keys)
    batch = batches.create_batch(clerk, name="矿山问题", channel="central")
    key = f"{batch_books.PREFIX}{batch.pk}"
    start, worked = time.perf_counter(), time.process_time()
    staged = services.stage(clerk, services.upload(clerk, key, "清单.xlsx", io.BytesIO(content)))
    previewed = time.perf_counter()
    services.commit(clerk, staged)
    committed = time.perf_counter()
    print(f"processor time of both: {time.process_time() - worked:.2f} s")
    found = batches.roll_up(clerk, batch)
    assert (staged.new, staged.wrong, found.total) == (staged.new, 0, staged.new), (
        staged.new,
        staged.wrong,
        found.total,
    )
    rows = [batch_books.values_of(row) for row in batch_books.rows_of(batch)]
    again = export_workbook(batch_books.spec_of(batch), rows)
    second = services.stage(clerk, services.upload(clerk, key, "清单.xlsx", io.BytesIO(again)))
    assert (second.same, second.new, second.changed, second.wrong) == (len(rows), 0, 0, 0)
    return previewed - start, committed - previewed, time.perf_counter() - committed


def one_by_one(clerk: object, content: bytes, most: int) -> float:
    """Seconds for each row of the alternative: openpyxl and ``create_item`` row by row."""
    from openpyxl import load_workbook

    from ecocloud.kernel.duties import services
    from ecocloud.kernel.regions.models import Department

    start = time.perf_counter()
    sheet = load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
    done = 0
    for row in sheet.iter_rows(min_row=2, values_only=True):
        lead = Department.objects.get(name=row[2])
        services.create_item(
            clerk, title=row[1], kind="problem", lead=lead, deadline=row[3].date(), channel="central", category="mine",
            number=row[0], place=row[6], lon=row[7], lat=row[8], body=row[10], values={"goal": row[9]},
        )  # fmt: skip
        done += 1
        if done == most:
            break
    return (time.perf_counter() - start) / done


def main() -> None:
    """Print seconds of both and their ratio."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as home:
        os.environ["ECOCLOUD_HOME"] = home
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecocloud.web.settings")
        clerk, content = site(), workbook(rows)
        preview, commit, back = ours(clerk, content)
        each = one_by_one(clerk, content, min(rows, SAMPLE))
        print(f"{rows} rows: validate and preview {preview:.2f} s, commit {commit:.2f} s, all {preview + commit:.2f} s")
        print(f"export and preview of it again {back:.2f} s, all rows the same")
        print(f"row by row with openpyxl: {each * rows:.1f} s (from {min(rows, SAMPLE)} rows), ratio "
              f"{each * rows / (preview + commit):.1f}")  # fmt: skip


if __name__ == "__main__":
    main()
