"""Accountings, the forms departments fill in for them, runs with every line, comments. Written by services only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ecocloud.base.units.fields import ScaledDecimalField
from ecocloud.domains.gep.fields import ExactField
from ecocloud.kernel.regions.models import Department, Region

_WHO = {"on_delete": models.PROTECT, "related_name": "+"}
_WHO_LATER: dict[str, Any] = {**_WHO, "null": True, "blank": True}
_USER = settings.AUTH_USER_MODEL
_YEARS = Q(year__gte=1990, year__lte=2100)


class Accounting(models.Model):
    """核算项目: an edition over a region and years; its ``parts`` (townships of a county) are accounted by themselves
    and what cannot be divided among them stays with the whole, so that the total is the sum of all.
    """

    class State(models.TextChoices):
        """Whether forms may still change."""

        OPEN = "open", _("填报中")
        CLOSED = "closed", _("已关闭")

    title = models.CharField(max_length=120)
    edition = models.CharField(max_length=40)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    parts = models.ManyToManyField(Region, blank=True, related_name="+", db_table="gep_accounting_part")
    first_year = models.PositiveSmallIntegerField()
    last_year = models.PositiveSmallIntegerField()
    base_year = models.PositiveSmallIntegerField(null=True, blank=True)
    # Methods the office chose instead of the edition's first: service -> codes of methods.
    methods = models.JSONField(default=dict, blank=True)
    office = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    deadline = models.DateField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    note = models.CharField(max_length=300, blank=True)
    opened_by = models.ForeignKey(_USER, **_WHO)
    opened_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-last_year", "region_id", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_year__gte=1990, last_year__lte=2100, last_year__gte=F("first_year")),
                name="gep_accounting_years",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> str:
        """``gepacc:ID``."""
        return f"gepacc:{self.pk}"

    @property
    def years(self) -> range:
        """The years accounted."""
        return range(self.first_year, self.last_year + 1)


class OwnParameter(models.Model):
    """A coefficient of the office's own, for an ecosystem or all ('')."""

    accounting = models.ForeignKey(Accounting, on_delete=models.CASCADE, related_name="parameters")
    code = models.CharField(max_length=40)
    part = models.CharField(max_length=60, blank=True)
    value = ExactField()
    year = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=200)
    by = models.ForeignKey(_USER, **_WHO)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["code", "part"]
        constraints = [
            models.UniqueConstraint(fields=["accounting", "code", "part"], name="gep_parameter_once"),
            models.CheckConstraint(condition=_YEARS & ~Q(source=""), name="gep_parameter_source"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.part} {self.value}"


class OwnPrice(models.Model):
    """A price of the office's own: kind, year, place ('' everywhere), value in the unit of the kind, source."""

    accounting = models.ForeignKey(Accounting, on_delete=models.CASCADE, related_name="prices")
    kind = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    place = models.CharField(max_length=12, blank=True)
    value = ExactField()
    source = models.CharField(max_length=200)
    by = models.ForeignKey(_USER, **_WHO)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["kind", "-year", "place"]
        constraints = [
            models.UniqueConstraint(fields=["accounting", "kind", "year", "place"], name="gep_price_once"),
            models.CheckConstraint(condition=_YEARS & ~Q(source=""), name="gep_price_source"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year} {self.value}"


class Form(models.Model):
    """报表: what one unit owes for one region and year; the duty has one owner, one deadline, and the form as proof."""

    class State(models.TextChoices):
        """Steps of a form, see ``steps.py``."""

        OWED = "owed", _("待填报")
        DRAFT = "draft", _("填报中")
        SUBMITTED = "submitted", pgettext_lazy("gep form", "待复核")
        CHECKED = "checked", pgettext_lazy("gep form", "待审定")
        RETURNED = "returned", _("已退回")
        APPROVED = "approved", _("已审定")
        LOCKED = "locked", _("已锁定")

    accounting = models.ForeignKey(Accounting, on_delete=models.CASCADE, related_name="forms")
    code = models.CharField(max_length=20)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    deadline = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.OWED)
    reason = models.CharField(max_length=300, blank=True)
    revision = models.PositiveIntegerField(default=0)
    submitted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-year", "code", "region_id"]
        constraints = [
            models.UniqueConstraint(fields=["accounting", "code", "region", "year"], name="gep_form_once"),
            models.CheckConstraint(condition=~Q(state="returned") | ~Q(reason=""), name="gep_form_reason"),
        ]
        indexes = [models.Index(fields=["department", "state", "deadline"], name="gep_form_owed")]

    def __str__(self) -> str:
        return f"{self.code} {self.region_id} {self.year}"

    @property
    def ref(self) -> str:
        """``gepform:ID``."""
        return f"gepform:{self.pk}"


class FormStep(models.Model):
    """Who did what with a form: whoever filled in anything of it neither checks nor approves it."""

    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="steps")
    action = models.CharField(max_length=12)
    by = models.ForeignKey(_USER, **_WHO)
    at = models.DateTimeField(default=timezone.now)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.form_id} {self.action}"


class Datum(models.Model):
    """One input: datum, part ('' the region, a class of ecosystem, the name of a thing), value in the datum's unit."""

    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="data")
    code = models.CharField(max_length=40)
    part = models.CharField(max_length=60, blank=True)
    value = ExactField()
    # As typed, where it was given in another unit: "12345 亩".
    given = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=200, blank=True)
    # Why a value is right although it is out of what is plausible.
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(_USER, **_WHO)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["form", "code", "part"], name="gep_datum_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.part} {self.value}"

    @property
    def ref(self) -> str:
        """``gepdatum:ID``: what a line of an account names as the source of the value."""
        return f"gepdatum:{self.pk}"


class Correction(models.Model):
    """A change of a value of a locked form: proposed with its reason by one person, decided by another."""

    class State(models.TextChoices):
        """Whether it holds."""

        PROPOSED = "proposed", pgettext_lazy("gep form", "待审定")
        ACCEPTED = "accepted", _("已采纳")
        REFUSED = "refused", _("不采纳")

    datum = models.ForeignKey(Datum, on_delete=models.CASCADE, related_name="corrections")
    before = ExactField()
    after = ExactField()
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    proposed_by = models.ForeignKey(_USER, **_WHO)
    proposed_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(_USER, **_WHO_LATER)
    decided_at = models.DateTimeField(null=True, blank=True)
    opinion = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="gep_correction_reason"),
            models.UniqueConstraint(fields=["datum"], condition=Q(state="proposed"), name="gep_correction_open"),
        ]

    def __str__(self) -> str:
        return f"{self.datum_id}: {self.before} -> {self.after}"


class Run(models.Model):
    """运行: one computation of an accounting with all it was computed from, so that it can be run again."""

    class State(models.TextChoices):
        """Whether its figures count."""

        DRAFT = "draft", pgettext_lazy("gep run", "试算")
        CONFIRMED = "confirmed", _("已确认")
        SUPERSEDED = "superseded", _("已被取代")

    accounting = models.ForeignKey(Accounting, on_delete=models.PROTECT, related_name="runs")
    number = models.PositiveIntegerField()
    edition = models.CharField(max_length=40)
    # Choices, coefficients and prices as they were: see services/snapshot.py.
    basis = models.JSONField()
    code_version = models.CharField(max_length=60)
    digest = models.CharField(max_length=64)
    # Values that were not yet approved when it ran.
    unapproved = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    note = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey(_USER, **_WHO)
    made_at = models.DateTimeField(default=timezone.now)
    confirmed_by = models.ForeignKey(_USER, **_WHO_LATER)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # Why it takes the place of an earlier confirmed run.
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["accounting", "number"], name="gep_run_number"),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="gep_run_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.accounting_id}/{self.number}"

    @property
    def ref(self) -> str:
        """``gep:ID``; figures name ``gep:ID#REGION-YEAR``."""
        return f"gep:{self.pk}"


class RunAccount(models.Model):
    """The account of one region and year of a run. ``whole``: what the region as a whole keeps beside its parts."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="accounts")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    whole = models.BooleanField()
    # [[datum, part, value, source], ...] in order, and GDP, population and the like among them.
    inputs = models.JSONField()
    checksum = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    total = ScaledDecimalField(scale=2)
    # Whether this is the account that holds for the region and year: of one run only.
    standing = models.BooleanField(default=False)
    superseded_by = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["year", "-whole", "region_id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "region", "year"], name="gep_account_once"),
            models.UniqueConstraint(fields=["region", "year"], condition=Q(standing=True), name="gep_account_standing"),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.year} {self.total}"

    @property
    def ref(self) -> str:
        """``gep:RUN#REGION-YEAR``."""
        return f"gep:{self.run_id}#{self.region_id}-{self.year}"


class RunLine(models.Model):
    """One amount with its value (万元, rounded once); ``used`` names every input, coefficient and price of it."""

    account = models.ForeignKey(RunAccount, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    service = models.CharField(max_length=40)
    item = models.CharField(max_length=40)
    part = models.CharField(max_length=60, blank=True)
    method = models.CharField(max_length=60)
    amount = ExactField()
    unit = models.CharField(max_length=20)
    # {kind, year, place, value, source, mark}; null where the amount is money already.
    price = models.JSONField(null=True, blank=True)
    value = ScaledDecimalField(scale=2)
    # [{kind, code, part, value, unit, source, mark}, ...]
    used = models.JSONField()

    class Meta:
        ordering = ["account_id", "number"]
        constraints = [models.UniqueConstraint(fields=["account", "number"], name="gep_line_number")]
        indexes = [models.Index(fields=["account", "service"], name="gep_line_service")]

    def __str__(self) -> str:
        return f"{self.item} {self.part} {self.value}"


class RunGap(models.Model):
    """What a run did not account, and why."""

    account = models.ForeignKey(RunAccount, on_delete=models.CASCADE, related_name="gaps")
    kind = models.CharField(max_length=12)
    service = models.CharField(max_length=40)
    item = models.CharField(max_length=40, blank=True)
    part = models.CharField(max_length=60, blank=True)
    code = models.CharField(max_length=40)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.service} {self.code}"


class Comment(models.Model):
    """What an expert says of a run, a service or a line of it; a reply has a ``parent``; answered when resolved."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="comments")
    line = models.ForeignKey(RunLine, on_delete=models.CASCADE, null=True, blank=True, related_name="comments")
    service = models.CharField(max_length=40, blank=True)
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="replies")
    text = models.TextField()
    by = models.ForeignKey(_USER, **_WHO)
    at = models.DateTimeField(default=timezone.now)
    resolved_by = models.ForeignKey(_USER, **_WHO_LATER)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="gep_comment_text"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | Q(resolved_at__isnull=True), name="gep_comment_resolved"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]


class Published(models.Model):
    """A figure of a published report, 万元: of one service, or of GEP as a whole (''); ours is set beside it."""

    accounting = models.ForeignKey(Accounting, on_delete=models.CASCADE, related_name="published")
    year = models.PositiveSmallIntegerField()
    service = models.CharField(max_length=40, blank=True)
    value = ScaledDecimalField(scale=2)
    source = models.CharField(max_length=200)
    # Why ours is another one, in the words of who entered it.
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(_USER, **_WHO)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["year", "id"]
        constraints = [
            models.UniqueConstraint(fields=["accounting", "year", "service"], name="gep_published_once"),
            models.CheckConstraint(condition=~Q(source=""), name="gep_published_source"),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.service} {self.value}"


class Disclosure(models.Model):
    """A year of a confirmed run that the public reads; without it nothing of an account is public."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="disclosures")
    year = models.PositiveSmallIntegerField()
    by = models.ForeignKey(_USER, **_WHO)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-year", "-id"]
        constraints = [models.UniqueConstraint(fields=["run", "year"], name="gep_disclosure_once")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.year}"


class RasterFile(models.Model):
    """A raster, table or file of zones that was uploaded to an accounting; its raster accounts choose among them."""

    accounting = models.ForeignKey(Accounting, on_delete=models.CASCADE, related_name="raster_files")
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(_USER, **_WHO)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.accounting_id} {self.file_id}"


class RasterAccount(models.Model):
    """栅格核算: one year of an accounting computed cell by cell from layers, in a folder of its own (``folder``)."""

    class State(models.TextChoices):
        """Where it stands. What is done is not changed any more: another one is made of it."""

        DRAFT = "draft", pgettext_lazy("gep raster", "准备中")
        CHECKED = "checked", pgettext_lazy("gep raster", "已检查")
        QUEUED = "queued", pgettext_lazy("gep raster", "排队")
        RUNNING = "running", pgettext_lazy("gep raster", "核算中")
        DONE = "done", pgettext_lazy("gep raster", "已完成")
        FAILED = "failed", pgettext_lazy("gep raster", "未完成")
        CANCELLED = "cancelled", pgettext_lazy("gep raster", "已取消")

    accounting = models.ForeignKey(Accounting, on_delete=models.PROTECT, related_name="rasters")
    year = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    # {layers: {role: {file: RasterFile} or {number: "1.5"}}, services, parameters, zone_field, align}
    config = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    # What the check or the run said: grid, services, zones, remarks, or the error with its remedy.
    told = models.JSONField(default=dict, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    job = models.BigIntegerField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(_USER, **_WHO)
    at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=_YEARS, name="gep_raster_year"),
            models.CheckConstraint(condition=~Q(state="done") | ~Q(digest=""), name="gep_raster_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.year}"

    @property
    def ref(self) -> str:
        """``gepraster:ID``; values in forms name ``gepraster:ID#SERVICE@DIGEST``."""
        return f"gepraster:{self.pk}"

    @property
    def folder(self) -> Path:
        """Where its results lie, below the site's home."""
        return Path(settings.HOME) / "gep" / "rasters" / str(self.pk)
