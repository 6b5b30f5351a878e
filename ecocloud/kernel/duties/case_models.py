"""Tables of what cases and rectification carry beside the item: batch, place, levels, objections, reporters."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

_UNIT = "regions.Department"
_USER = "regions.User"
_ITEM = "duties.WorkItem"


class ItemBatch(models.Model):
    """Many items that were handed over together: their name, kind, channel and office. Counts are in ``ItemCount``."""

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    channel = models.CharField(max_length=24, blank=True)
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    office = models.ForeignKey(_UNIT, on_delete=models.PROTECT, related_name="+")
    deadline = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)
    created_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["office", "name"], name="duties_batch_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> str:
        """The batch's reference, ``itembatch:ID``."""
        return f"itembatch:{self.pk}"

    @property
    def seat(self) -> str:
        """The role under which the roll-up counts the items of this batch."""
        return f"b{self.pk}"


class ItemCase(models.Model):
    """The part of an item that its kind asks beside what every item has. ``values`` by field code, as the kind says."""

    item = models.OneToOneField(_ITEM, on_delete=models.CASCADE, primary_key=True, related_name="case")
    number = models.CharField(max_length=80, blank=True, db_index=True)
    values = models.JSONField(default=dict, blank=True)
    place = models.CharField(max_length=200, blank=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    seen_on = models.DateField()
    merged_into = models.ForeignKey(_ITEM, on_delete=models.PROTECT, null=True, blank=True, related_name="merged")
    notice_from = models.DateField(null=True, blank=True)
    notice_until = models.DateField(null=True, blank=True)
    suspended_from = models.DateField(null=True, blank=True)
    suspended_until = models.DateField(null=True, blank=True)
    # Lead units (ids) the office decided for after a unit had declined.
    settled = models.JSONField(default=list, blank=True)
    # By what the lead unit was found: router, category, grid, office, decided; '' where a person named it.
    routed = models.CharField(max_length=10, blank=True)
    # The deadline as it was when the item was suspended.
    kept_deadline = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90),
                name="duties_case_place",
            )
        ]
        indexes = [
            models.Index(fields=["lat", "lon"], name="duties_case_near", condition=Q(lat__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.number}"


class CaseSource(models.Model):
    """That a case was made of one record of another room (``report:55``): one case for each, however many hand it in at
    once. ``item`` is empty only inside the transaction that makes the case."""

    ref = models.CharField(max_length=140, unique=True)
    item = models.ForeignKey(_ITEM, on_delete=models.CASCADE, null=True, related_name="outside_sources")

    def __str__(self) -> str:
        return self.ref


class ItemLevel(models.Model):
    """One level of the close-out of an item: the unit that checks, and who passed it."""

    item = models.ForeignKey(_ITEM, on_delete=models.CASCADE, related_name="levels", db_index=False)
    state = models.CharField(max_length=20)
    department = models.ForeignKey(_UNIT, on_delete=models.PROTECT, related_name="+")
    passed_at = models.DateTimeField(null=True)
    passed_by = models.ForeignKey(_USER, on_delete=models.PROTECT, null=True, related_name="+")
    opinion = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["item", "state"], name="duties_level_once")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.state}"


class Objection(models.Model):
    """What somebody says against a result that is open to the public, and the office's answer."""

    class Answer(models.TextChoices):
        """What became of it."""

        UPHELD = "upheld", "成立"
        REJECTED = "rejected", "不成立"

    item = models.ForeignKey(_ITEM, on_delete=models.CASCADE, related_name="objections")
    text = models.TextField()
    by = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(max_length=10, choices=Answer, null=True)
    reason = models.TextField(blank=True)
    answered_by = models.ForeignKey(_USER, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.item_id} {self.answer or '-'}"


class Reporter(models.Model):
    """Who reported an item, as a reference (``user:3``, ``report:55``); those of merged items follow the other."""

    item = models.ForeignKey(_ITEM, on_delete=models.CASCADE, related_name="reporters", db_index=False)
    ref = models.CharField(max_length=140, db_index=True)
    # The item the report was made into, where it has been merged.
    through = models.ForeignKey(_ITEM, on_delete=models.CASCADE, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "ref"], name="duties_reporter_once")]

    def __str__(self) -> str:
        return self.ref
