"""Bulk inserts beside Django's own: the same rows, whatever the types of the fields."""

from datetime import datetime, timedelta

import pytest
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy

from ecocloud.base import bulk
from ecocloud.base.jobs.models import Job, State
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.registers.models import ObjectVersion, RegisterObject

pytestmark = pytest.mark.django_db


def job(number, **more):
    return Job(name=f"n{number}", payload={"十": [1, None, "é"]}, run_after=timezone.now(), **more)


def plain(row):
    return {one.attname: getattr(row, one.attname) for one in row._meta.concrete_fields if not one.primary_key}


@pytest.mark.parametrize("count", [1, 30])
def test_rows_are_those_of_bulk_create(count):
    """30 rows take the way of many rows on PostgreSQL (a copy), one row the way of few."""
    at = datetime(2026, 3, 1, 23, 59, 59, 999999, tzinfo=timezone.get_default_timezone())
    made = [job(number, key=None, checkpoint=[number], state=State.DONE, finished_at=at) for number in range(count)]
    Job.objects.bulk_create(made)
    bulk.insert([job(number, key=None, checkpoint=[number], state=State.DONE, finished_at=at,
                     text=gettext_lazy("排队")) for number in range(count)])  # fmt: skip
    django, own = Job.objects.order_by("pk")[:count], Job.objects.order_by("pk")[count:]
    assert len(own) == count
    for left, right in zip(django, own, strict=True):
        left, right = plain(left), plain(right)
        assert right.pop("text") == "排队" and left.pop("text") == ""
        for name in ("run_after", "created_at", "updated_at"):  # auto_now of the moment of each insert
            assert timedelta(0) <= right.pop(name) - left.pop(name) < timedelta(seconds=60)
        assert left == right


def test_changed_rows_are_those_of_bulk_update():
    bulk.insert([job(number) for number in range(3)])
    rows = list(Job.objects.order_by("pk"))
    for row in rows:
        row.payload, row.state, row.text = {"几": row.pk}, State.DONE, "不写"
    bulk.update(rows[:2], ["payload", "state"])
    for row in rows[:2]:
        now = Job.objects.get(pk=row.pk)
        assert (now.payload, now.state, now.text, now.name) == ({"几": row.pk}, State.DONE, "", row.name)
    assert Job.objects.get(pk=rows[2].pk).payload == {"十": [1, None, "é"]}
    bulk.update([], ["payload"])


def test_every_field_of_wide_tables_has_a_way():
    """A field of a kind unknown to the module would be bound as it is; the tables it is used for have none."""
    known = (models.CharField, models.TextField, models.IntegerField, models.FloatField, models.ForeignKey,
             models.DateField, models.JSONField, models.BinaryField, models.AutoField)  # fmt: skip
    for model in (RegisterObject, ObjectVersion, Entry):
        assert all(isinstance(one, known) for one in model._meta.concrete_fields)
