"""Rows of the lists of duties: work items, notices, rounds."""

from datetime import timedelta

from ecocloud.kernel.duties import services as duties
from ecocloud.kernel.duties.models import Instruction, ItemEvent, Notice, Round, RoundReport, WorkItem
from ecocloud.kernel.duties.services.batches import create_batch
from tests.web.budget.common import TODAY, YEAR, office, other, unit


def items(n, start, due=30, issued=True):
    for i in range(n):
        item = duties.create_item(
            office(), title=f"事项{start + i}", lead=unit(), deadline=TODAY + timedelta(days=due), year=YEAR
        )
        if issued:
            duties.issue(office(), item)


def late_items(n, start):
    items(n, start, due=-5)


def cooperating(n, start):
    from ecocloud.kernel.duties.models import ItemSeat

    items(n, start)
    ItemSeat.objects.update(role="cooperate")


def steps(n, start):
    items(1, start, issued=False)
    item = WorkItem.objects.latest("pk")
    ItemEvent.objects.bulk_create(
        ItemEvent(item=item, action="progress", action_zh="填报进展", from_state=item.state, to_state=item.state,
                  actor_id=f"user:{office().pk}", actor_name="测试", department=unit(), department_name="甲市乙局")
        for _ in range(n)
    )  # fmt: skip


def notices(n, start):
    items(1, start, issued=False)
    key = WorkItem.objects.latest("pk").pk
    Notice.objects.bulk_create(
        Notice(department=unit(), kind="urge", ref=f"item:{key}", title=f"催办{start + i}") for i in range(n)
    )


def words_of_leaders(n, start):
    items(n, start)
    Instruction.objects.bulk_create(
        Instruction(item=item, leader=other(), text="请抓紧") for item in WorkItem.objects.all()
    )


def reports(n, start):
    items(n, start)
    row = Round.objects.first() or Round.objects.create(
        title="调度",
        year=YEAR,
        period=f"{YEAR}-{TODAY:%m}",
        due=TODAY + timedelta(days=9),
        state=Round.State.OPEN,
        created_by=office(),
    )
    held = set(RoundReport.objects.values_list("item_id", flat=True))
    RoundReport.objects.bulk_create(
        RoundReport(round=row, item=item, department=unit()) for item in WorkItem.objects.exclude(pk__in=held)
    )


def rounds(n, start):
    Round.objects.bulk_create(
        Round(title=f"调度{start + i}", year=YEAR, period=f"{1000 + start + i}-01", due=TODAY, created_by=office())
        for i in range(n)
    )


def the_round():
    return {"pk": Round.objects.values_list("pk", flat=True).first() or 1}


def item_batches(n, start):
    for i in range(n):
        create_batch(office(), name=f"批次{start + i}")


MINE = "duties:mine"
PAGES = (
    ("duties:ledger", "office", {}, "", items),
    (MINE, "office", {}, "tab=todo", lambda n, start: items(n, start, issued=False)),
    (MINE, "office", {}, "tab=started", items),
    (MINE, "office", {}, "tab=coming", items),
    (MINE, "office", {}, "tab=copied", cooperating),
    (MINE, "office", {}, "tab=warning", late_items),
    (MINE, "office", {}, "tab=overdue", late_items),
    (MINE, "office", {}, "tab=done", steps),
    (MINE, "office", {}, "tab=urged", notices),
    (MINE, "office", {}, "tab=read", notices),
    ("duties:owed", "office", {}, "", reports),
    ("duties:instructions", "office", {}, "", words_of_leaders),
    ("duties:rounds", "office", {}, "", rounds),
    ("duties:check", "office", the_round, "", reports),
    ("duties:batches", "office", {}, "", item_batches),
)
