"""Who and where the made-up rows belong to."""

from django.utils import timezone

from ecocloud.kernel.regions.models import (
    Department,
    Region,
    User,
)

TODAY = timezone.localdate()
YEAR = TODAY.year


def unit():
    return Department.objects.get(code="t-unit")


def region():
    return Region.objects.get(code="360800")


def office():
    return User.objects.get(username="test-office")


def other():
    return User.objects.get_or_create(username="other", defaults={"name": "他人", "department": unit()})[0]
