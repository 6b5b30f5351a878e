"""Rows of the lists of regions: units, people, grids, keys; entries of the journal."""

from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import SYSTEM, change
from ecocloud.kernel.regions.models import (
    ApiKey,
    Department,
    Grid,
    GridTerm,
    PostHandover,
    Role,
    RoleGrant,
    UnitQuestion,
    User,
)
from tests.web.budget.common import TODAY, other, region, unit


def units(n, start):
    Department.objects.bulk_create(
        Department(code=f"d{start + i}", name=f"单位{start + i}", region=region(), parent=unit()) for i in range(n)
    )


def people(n, start):
    made = User.objects.bulk_create(
        User(username=f"p{start + i}", name=f"人员{start + i}", department=unit()) for i in range(n)
    )
    reader = Role.objects.get(code="reader")
    RoleGrant.objects.bulk_create(RoleGrant(user=one, role=reader) for one in made)


def api_keys(n, start):
    ApiKey.objects.bulk_create(
        ApiKey(user=other(), name=f"对接{start + i}", head=f"{start + i:010d}", digest="0" * 64,
               scopes=["registers:read"], per_minute=9, expires_on=TODAY)
        for i in range(n)
    )  # fmt: skip


def handovers(n, start):
    leaving, following = other(), User.objects.exclude(pk=other().pk).first()
    PostHandover.objects.bulk_create(
        PostHandover(giver=leaving, taker=following, department=unit(), on=TODAY, reason=f"调任{start + i}",
                     by=following)
        for i in range(n)
    )  # fmt: skip


def grids(n, start):
    made = Grid.objects.bulk_create(
        Grid(code=f"G{start + i}", level=3, name=f"网格{start + i}", region=region(), department=unit())
        for i in range(n)
    )
    GridTerm.objects.bulk_create(GridTerm(grid=one, department=unit(), valid_from=TODAY) for one in made)


def questions(n, start):
    UnitQuestion.objects.bulk_create(
        UnitQuestion(text=f"某单位{start + i}", region=region(), on_date=TODAY, reason="不明") for i in range(n)
    )


def entries(n, start):
    with change(SYSTEM) as tx:
        for i in range(n):
            tx.log("regions.signin", Ref("user", str(start + i)))


PAGES = (
    ("regions:departments", "office", {}, "", units),
    ("regions:grids", "office", {}, "", grids),
    ("regions:unit-questions", "office", {}, "", questions),
    ("regions:people", "sysadmin", {}, "", people),
    ("regions:keys", "sysadmin", {}, "", api_keys),
    ("regions:handovers", "office", {}, "", handovers),
    ("journal:list", "auditadmin", {}, "", entries),
)
