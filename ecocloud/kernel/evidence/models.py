"""Tables of indicators, observations, targets and locks. Written by the room's services only."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from ecocloud.base.periods import Period
from ecocloud.base.units.fields import ScaledDecimalField
from ecocloud.kernel.evidence import rules
from ecocloud.kernel.regions.models import Department, Region

_PERSON = {"on_delete": models.PROTECT, "null": True, "blank": True, "related_name": "+"}


class Indicator(models.Model):
    """What is counted or measured: an entry of the catalogue, or one the site proposed."""

    class Status(models.TextChoices):
        """Whether it is in use."""

        ACTIVE = "active", _("在用")
        PROPOSED = "proposed", _("待审定")
        RETIRED = "retired", _("停用")

    class Direction(models.TextChoices):
        """Which side of a target is good."""

        UP = "up", _("正向")
        DOWN = "down", _("逆向")
        NONE = "none", _("中性")

    class Nature(models.TextChoices):
        """Whether missing it has consequences."""

        BINDING = "binding", _("约束性")
        EXPECTED = "expected", _("预期性")
        NONE = "none", "—"

    class Aggregation(models.TextChoices):
        """How shorter periods make a year."""

        SUM = "sum", _("逐期累加")
        MEAN = "mean", _("平均")
        WEIGHTED = "weighted", _("加权平均")
        LAST = "last", _("期末值")
        RATIO = "ratio", _("天数比率")
        NONE = "none", _("不推算")

    code = models.CharField(max_length=40, unique=True)
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=90, blank=True)
    group = models.CharField(max_length=8)
    group_zh = models.CharField(max_length=40, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    decimals = models.PositiveSmallIntegerField(default=2)
    direction = models.CharField(max_length=6, choices=Direction, default=Direction.NONE)
    nature = models.CharField(max_length=10, choices=Nature, default=Nature.NONE)
    aggregation = models.CharField(max_length=10, choices=Aggregation, default=Aggregation.NONE)
    across = models.CharField(max_length=10, choices=Aggregation, default=Aggregation.NONE)
    weight = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    period_kind = models.CharField(max_length=8, default="year")
    function = models.CharField(max_length=20, blank=True)
    definition = models.TextField(blank=True)
    citation = models.CharField(max_length=200, blank=True)
    mark = models.CharField(max_length=12, blank=True)
    own = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    source = models.CharField(max_length=160, blank=True)
    order = models.PositiveIntegerField(default=9000)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["order", "code"]
        indexes = [models.Index(fields=["group", "order"], name="evidence_ind_group")]

    def __str__(self) -> str:
        return self.zh

    @property
    def names(self) -> Sequence[str]:
        """The name and its aliases (prefetch ``aliases``)."""
        return (self.zh, *(alias.text for alias in self.aliases.all()))

    @property
    def context(self) -> Sequence[str]:
        """Words near an indicator's name in documents; only catalogue entries have them."""
        return ()

    @property
    def is_rate(self) -> bool:
        """Whether a value is a share that cannot pass 100."""
        return self.unit == "%" and self.aggregation in {"mean", "ratio", "last"}


class IndicatorAlias(models.Model):
    """Another name of an indicator; ``key`` is the normalised form and unique."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="aliases")
    text = models.CharField(max_length=60)
    key = models.CharField(max_length=60, unique=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text


class _Dated(models.Model):
    """A period as text with its days; open ends are NULL."""

    period = models.CharField(max_length=40)
    start = models.DateField(null=True, blank=True)
    end = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def span(self) -> Period:
        """The period as a value."""
        return Period.parse(self.period)

    @property
    def status_zh(self) -> str:
        """The status in Chinese whatever the language of the page: for the Chinese sentence of an error."""
        with translation.override("zh-hans"):
            return self.get_status_display()


class Observation(_Dated):
    """One value of one indicator, region and period, with the place it was read from."""

    class Status(models.TextChoices):
        """Life of an observation."""

        DRAFT = "draft", _("草稿")
        SUBMITTED = "submitted", _("待复核")
        CONFIRMED = "confirmed", _("已确认")
        LOCKED = "locked", _("已锁定")
        RETURNED = "returned", _("已退回")
        SUPERSEDED = "superseded", _("已更正")

    class Qualifier(models.TextChoices):
        """What the number says about the indicator."""

        ACTUAL = "actual", _("实际值")
        CHANGE_YOY = "change_yoy", _("同比变化")
        CHANGE = "change", _("变化")
        DIFFERENCE = "difference", _("差值")
        RANK = "rank", _("位次")

    OPEN = (Status.DRAFT, Status.SUBMITTED, Status.RETURNED)
    STANDING = (Status.CONFIRMED, Status.LOCKED)

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="observations")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    value = ScaledDecimalField(null=True, blank=True)
    value_text = models.CharField(max_length=60, blank=True)
    denominator = ScaledDecimalField(null=True, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    qualifier = models.CharField(max_length=12, choices=Qualifier, default=Qualifier.ACTUAL)
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    source = models.CharField(max_length=160)
    note = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrections")
    reason = models.CharField(max_length=300, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # The rule that confirmed it, in the name of ``confirmed_by`` who switched the rule on; '' for a person's decision.
    confirmed_rule = models.CharField(max_length=40, blank=True, default="")
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-end", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(source=""), name="evidence_obs_source"),
            models.CheckConstraint(condition=Q(value__isnull=False) | ~Q(value_text=""), name="evidence_obs_value"),
            models.CheckConstraint(
                condition=Q(start__isnull=True) | Q(end__isnull=True) | Q(end__gte=F("start")),
                name="evidence_obs_dates",
            ),
            models.CheckConstraint(
                condition=Q(version=1, replaces__isnull=True)
                | (Q(version__gt=1, replaces__isnull=False) & ~Q(reason="")),
                name="evidence_obs_correction",
            ),
            models.UniqueConstraint(
                fields=["indicator", "region", "period", "qualifier"],
                condition=Q(status__in=["confirmed", "locked"]),
                name="evidence_obs_standing",
            ),
            models.UniqueConstraint(
                fields=["indicator", "region", "period", "qualifier"],
                condition=Q(status__in=["draft", "submitted", "returned"]),
                name="evidence_obs_open",
            ),
        ]
        indexes = [
            models.Index(fields=["region", "end", "indicator"], name="evidence_obs_region"),
            models.Index(fields=["status", "-id"], name="evidence_obs_status"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.region_id} {self.period}"

    @property
    def is_standing(self) -> bool:
        """Whether the value counts: confirmed or locked."""
        return self.status in self.STANDING


class Target(_Dated):
    """What one region must reach in one period according to one document."""

    class Status(models.TextChoices):
        """Whether it is in force."""

        ACTIVE = "active", _("有效")
        REVISED = "revised", _("已调整")
        WITHDRAWN = "withdrawn", _("已撤销")

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="targets")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    operator = models.CharField(max_length=8, choices=[(key, word) for key, word in rules.OPERATOR_ZH.items()])
    value = ScaledDecimalField()
    value2 = ScaledDecimalField(null=True, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    baseline_period = models.CharField(max_length=40, blank=True)
    baseline_value = ScaledDecimalField(null=True, blank=True)
    curve = models.CharField(max_length=160, blank=True)
    document = models.CharField(max_length=160)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    version = models.PositiveIntegerField(default=1)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="revisions")
    reason = models.CharField(max_length=300, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    at = models.DateTimeField(default=timezone.now)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-end", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(document=""), name="evidence_target_document"),
            models.CheckConstraint(
                condition=~Q(operator="range") | Q(value2__gte=F("value")), name="evidence_target_range"
            ),
            models.UniqueConstraint(
                fields=["indicator", "region", "period", "document"],
                condition=Q(status="active"),
                name="evidence_target_active",
            ),
        ]
        indexes = [models.Index(fields=["region", "end", "indicator"], name="evidence_target_region")]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.region_id} {self.period} {self.operator} {self.value}"

    def rule(self) -> rules.Target:
        """The target as the rules read it."""
        return rules.Target(self.operator, self.value, self.value2, self.unit, self.baseline_value)

    def months_curve(self) -> list[Decimal] | None:
        """The twelve monthly weights of its 序时 curve, ``None`` for by days."""
        return [Decimal(part) for part in self.curve.split(",")] if self.curve else None


class Lock(models.Model):
    """After review: nothing of this region, year and group of indicators changes until it is unlocked."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    group = models.CharField(max_length=8, blank=True)
    note = models.CharField(max_length=300, blank=True)
    locked_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    locked_at = models.DateTimeField(default=timezone.now)
    unlocked_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    unlocked_at = models.DateTimeField(null=True, blank=True)
    unlock_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "year", "group"], condition=Q(unlocked_at__isnull=True), name="evidence_lock_active"
            ),
            models.CheckConstraint(
                condition=Q(unlocked_at__isnull=True) | ~Q(unlock_reason=""), name="evidence_lock_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.year} {self.group or '*'}"
