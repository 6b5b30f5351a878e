"""Tables of chiefs: offices (what somebody answers for), terms, helpers, handovers, patrol rules, patrols, plans.
Written by the room's services only."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ecocloud.base.files.models import StoredFile
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.registers.models import RegisterObject

_PLAIN = {"on_delete": models.PROTECT, "related_name": "+"}
_MAYBE = {"on_delete": models.PROTECT, "null": True, "blank": True, "related_name": "+"}


def fresh_token() -> str:
    """A name for the public page of a sign that nobody can guess the next of."""
    return uuid.uuid4().hex


class Office(models.Model):
    """What one chief answers for: a kind and nature of chief, a level, and a division or one object of a register.

    ``phone`` is the office's public one, never a person's. ``closed_on``: the first day it is no more.
    """

    kind = models.CharField(max_length=16)
    nature = models.CharField(max_length=16, default="administrative")
    level = models.CharField(max_length=10)
    region = models.ForeignKey(Region, **_PLAIN)
    object = models.ForeignKey(RegisterObject, on_delete=models.PROTECT, null=True, blank=True,
                               related_name="chief_offices")  # fmt: skip
    department = models.ForeignKey(Department, **_PLAIN)
    contact = models.ForeignKey(Department, **_MAYBE)
    post = models.CharField(max_length=80)
    duty = models.TextField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    sign = models.CharField(max_length=40, blank=True)
    token = models.CharField(max_length=32, unique=True, default=fresh_token)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["region", "kind", "pk"]
        indexes = [
            models.Index(fields=["department", "kind"], name="chiefs_office_department"),
            models.Index(fields=["region", "kind"], name="chiefs_office_region"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["sign"], condition=~Q(sign=""), name="chiefs_office_sign"),
            models.CheckConstraint(condition=~Q(post=""), name="chiefs_office_post"),
        ]

    def __str__(self) -> str:
        return self.post

    @property
    def ref(self) -> str:
        """``chief:ID``."""
        return f"chief:{self.pk}"

    @property
    def place(self) -> str:
        """What it is about: the object's name, else the division's."""
        return self.object.name if self.object_id else self.region.name


class Term(models.Model):
    """Who held an office from which day to which. ``end_reason`` says why nobody followed at once."""

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="terms")
    name = models.CharField(max_length=40)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, **_MAYBE)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    basis = models.CharField(max_length=200, blank=True)
    end_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["office", "valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["office"], condition=Q(valid_to__isnull=True), name="chiefs_term_now"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="chiefs_term_days"
            ),
        ]
        indexes = [models.Index(fields=["person", "valid_to"], name="chiefs_term_person")]

    def __str__(self) -> str:
        return f"{self.office_id} {self.name}"


class Helper(models.Model):
    """An assistant, or somebody who patrols in the chief's place (代巡) for some days."""

    class Role(models.TextChoices):
        """What the person does."""

        ASSISTANT = "assistant", "助理"
        STAND_IN = "stand_in", "代巡"

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="helpers")
    role = models.CharField(max_length=10, choices=Role)
    name = models.CharField(max_length=40)
    post = models.CharField(max_length=80, blank=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, **_MAYBE)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["office", "-valid_from", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="chiefs_helper_days"
            ),
            models.CheckConstraint(
                condition=~Q(role="stand_in") | (Q(valid_to__isnull=False) & ~Q(reason="")), name="chiefs_helper_said"
            ),
        ]
        indexes = [models.Index(fields=["person", "valid_to"], name="chiefs_helper_person")]

    def __str__(self) -> str:
        return f"{self.office_id} {self.role} {self.name}"


class Handover(models.Model):
    """What one chief hands to the next, signed by both. ``lines``: kind (item, problem, file, other), title, reference.
    Signed by both it changes no more."""

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="handovers")
    giver = models.ForeignKey(Term, **_PLAIN)
    taker_name = models.CharField(max_length=40)
    taker = models.ForeignKey(settings.AUTH_USER_MODEL, **_MAYBE)
    lines = models.JSONField(default=list)
    note = models.TextField(blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PLAIN)
    made_at = models.DateTimeField(default=timezone.now)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_MAYBE)
    given_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_MAYBE)
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(given_by__isnull=True) | Q(taken_by__isnull=True) | ~Q(given_by=F("taken_by")),
                name="chiefs_handover_two",
            )
        ]

    def __str__(self) -> str:
        return f"{self.office_id} {self.made_at:%Y-%m-%d}"

    @property
    def done(self) -> bool:
        """Whether both have signed."""
        return self.given_at is not None and self.taken_at is not None


class RuleChoice(models.Model):
    """Which patrol rule holds in a division for a family of objects from a day on: a variant that comes with the
    product, or the office's own (``levels`` as in ``data/patrol.yaml``, with its basis)."""

    region = models.ForeignKey(Region, **_PLAIN)
    family = models.CharField(max_length=16)
    variant = models.CharField(max_length=40, blank=True)
    levels = models.JSONField(default=dict)
    basis = models.CharField(max_length=200, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, **_MAYBE)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["region", "family", "valid_from", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "family"], condition=Q(valid_to__isnull=True), name="chiefs_rule_now"
            ),
            models.CheckConstraint(condition=~Q(variant="") | ~Q(basis=""), name="chiefs_rule_basis"),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.family} {self.variant or self.basis}"


class Patrol(models.Model):
    """One patrol. ``key`` is given by the phone: the same record sent again is the same patrol.

    ``counts_as``: chief, stand_in, assistant, or entered (by the unit for its chief); assistants' do not count for the
    chief. ``grid``: the grid its place belonged to on that day, ``grid:CODE@VERSION``. ``track``: pairs of degrees,
    only where somebody chose to give one.
    """

    class CountsAs(models.TextChoices):
        """For whom it was."""

        CHIEF = "chief", "本人"
        STAND_IN = "stand_in", "代巡"
        ASSISTANT = "assistant", "助理"
        ENTERED = "entered", "代为录入"

    key = models.CharField(max_length=64, unique=True)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="patrols")
    department = models.ForeignKey(Department, **_PLAIN)
    region = models.ForeignKey(Region, **_PLAIN)
    counts_as = models.CharField(max_length=10, choices=CountsAs)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PLAIN)
    start = models.DateTimeField()
    day = models.DateField()
    minutes = models.PositiveIntegerField(null=True, blank=True)
    metres = models.PositiveIntegerField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    track = models.JSONField(null=True, blank=True)
    grid = models.CharField(max_length=60, blank=True)
    note = models.TextField(blank=True)
    found = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-start", "-pk"]
        indexes = [
            models.Index(fields=["office", "day"], name="chiefs_patrol_office"),
            models.Index(fields=["department", "-start"], name="chiefs_patrol_department"),
            models.Index(fields=["-start"], name="chiefs_patrol_start"),
        ]

    def __str__(self) -> str:
        return f"{self.office_id} {self.day}"

    @property
    def ref(self) -> str:
        """``patrol:ID``."""
        return f"patrol:{self.pk}"


class PatrolPhoto(models.Model):
    """A photograph of a patrol with what it said of its place and time. The file stays as it came; it is shown without
    them."""

    patrol = models.ForeignKey(Patrol, on_delete=models.PROTECT, related_name="photos")
    file = models.ForeignKey(StoredFile, **_PLAIN)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    taken = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.patrol_id} {self.file_id}"


class Finding(models.Model):
    """A problem found on a patrol and the work item it became."""

    patrol = models.ForeignKey(Patrol, on_delete=models.PROTECT, related_name="findings")
    kind = models.CharField(max_length=16)
    text = models.TextField()
    item_ref = models.CharField(max_length=40, unique=True)
    open = models.BooleanField(default=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.text[:40]


class Plan(models.Model):
    """一河一策: what is to be done for an object in some years."""

    object = models.ForeignKey(RegisterObject, on_delete=models.PROTECT, related_name="chief_plans")
    title = models.CharField(max_length=120)
    goal = models.TextField(blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, **_MAYBE)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["object", "-valid_from"]
        constraints = [models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="chiefs_plan_days")]

    def __str__(self) -> str:
        return self.title


class Measure(models.Model):
    """A measure of a plan and the work item that carries it."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="measures")
    title = models.CharField(max_length=300)
    item_ref = models.CharField(max_length=40, unique=True)

    class Meta:
        ordering = ["plan", "pk"]

    def __str__(self) -> str:
        return self.title


class Reminded(models.Model):
    """That an office was reminded of a period: once."""

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="+")
    period_end = models.DateField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "period_end"], name="chiefs_reminded_once")]

    def __str__(self) -> str:
        return f"{self.office_id} {self.period_end}"
