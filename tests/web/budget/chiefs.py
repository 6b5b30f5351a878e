"""Rows of the lists of chiefs: offices of chiefs and patrols."""

from django.utils import timezone

from ecocloud.domains.chiefs.models import Office, Patrol
from ecocloud.domains.chiefs.models import Term as ChiefTerm
from tests.web.budget.common import TODAY, office, region, unit


def chiefs(n, start):
    made = Office.objects.bulk_create(
        Office(kind="general", level="county", region=region(), department=unit(), post=f"副县长{start + i}",
               opened_on=TODAY)
        for i in range(n)
    )  # fmt: skip
    ChiefTerm.objects.bulk_create(ChiefTerm(office=one, name="甲", valid_from=TODAY) for one in made)


def patrols(n, start):
    chiefs(1, 90_000 + start)
    office_ = Office.objects.latest("pk")
    Patrol.objects.bulk_create(
        Patrol(key=f"key-{start + i:08d}", office=office_, department=unit(), region=region(), counts_as="chief",
               by=office(), start=timezone.now(), day=TODAY)
        for i in range(n)
    )  # fmt: skip


PAGES = (
    ("chiefs:offices", "office", {}, "", chiefs),
    ("chiefs:patrols", "office", {}, "", patrols),
)
