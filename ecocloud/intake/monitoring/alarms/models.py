"""Alarm rules, how far each has got on each device, incidents with what raised them and every step of their life."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ecocloud.intake.monitoring.alarms.machine import ENDED, UNSEEN, Life, State, Terms
from ecocloud.kernel.regions.models import in_language

_PLAIN = {"on_delete": models.PROTECT, "related_name": "+"}
_PERSON = {"on_delete": models.PROTECT, "null": True, "blank": True, "related_name": "+"}
OPEN = sorted(state.value for state in State if state not in ENDED)
_WAITING = sorted(state.value for state in UNSEEN)


class AlarmRule(models.Model):
    """A rule: a document of ``document.py`` that holds for devices in ``region``.

    ``given``: its code in ``data/alarms/rules.yaml``, NULL for an own one. ``begun``: moments after it are looked at.
    ``stale``: changed since the last run, so that all its devices are looked at. ``enabled_by``: in whose name it makes
    work items.
    """

    given = models.CharField(max_length=20, null=True, blank=True, unique=True)
    name = models.CharField(max_length=60)
    cause = models.CharField(max_length=40)
    interval = models.CharField(max_length=8)
    document = models.JSONField()
    region = models.ForeignKey("regions.Region", **_PLAIN)
    enabled = models.BooleanField(default=True)
    enabled_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    begun = models.DateTimeField(default=timezone.now)
    stale = models.BooleanField(default=True)
    citation = models.CharField(max_length=200, blank=True)
    mark = models.CharField(max_length=20, blank=True)
    revision = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(cause=""), name="monitoring_rule_named"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> str:
        """The rule as a reference."""
        return f"alarmrule:{self.pk}"

    @property
    def label(self) -> str:
        """Its name in the language of the page."""
        return in_language(self.name, self.document.get("en") or "")


class AlarmState(models.Model):
    """How far a rule has got on one device and factor ('' for the whole device). Derived: it may be emptied.

    ``memory``: of ``engine.py``. ``going``: the episode going on then. ``due``: when silence changes something next.
    """

    rule = models.ForeignKey(AlarmRule, on_delete=models.CASCADE, related_name="states")
    device = models.ForeignKey("monitoring.Device", on_delete=models.CASCADE, related_name="+")
    factor = models.CharField(max_length=40)
    memory = models.JSONField()
    going = models.JSONField(null=True)
    due = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "device", "factor"], name="monitoring_alarmstate_once")]
        indexes = [models.Index(fields=["due"], name="monitoring_alarmstate_due")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.device_id} {self.factor}"


class IncidentState(models.TextChoices):
    """The states of the machine in words."""

    RAISED = State.RAISED.value, _("待确认")
    ACKNOWLEDGED = State.ACKNOWLEDGED.value, _("已确认")
    ASSIGNED = State.ASSIGNED.value, _("处置中")
    OVER = State.OVER.value, _("已恢复，待确认")
    CLOSED = State.CLOSED.value, _("已结束")
    FALSE = State.FALSE.value, _("误报")


class AlarmIncident(models.Model):
    """What is wrong at one station for one cause, see ``machine.py``; one at a time.

    ``station``: the register object its devices stand at, or the device. ``device``: the one that raised it first.
    ``acknowledge_s``: of the rule that raised it. ``first``, ``last``: when it began, and began last, by the data.
    ``item_ref``: its work item. ``wants``: the level at which a rule makes one, 0 for none.
    """

    station = models.CharField(max_length=60)
    device = models.ForeignKey("monitoring.Device", on_delete=models.PROTECT, related_name="incidents")
    cause = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    state = models.CharField(max_length=12, choices=IncidentState, default=IncidentState.RAISED)
    active = models.BooleanField(default=True)
    level = models.PositiveSmallIntegerField()
    peak = models.PositiveSmallIntegerField()
    raises = models.PositiveIntegerField(default=1)
    escalations = models.PositiveSmallIntegerField(default=0)
    deadline = models.DateTimeField(null=True, blank=True)
    acknowledge_s = models.PositiveIntegerField()
    first = models.DateTimeField()
    last = models.DateTimeField()
    over = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    assigned_to = models.ForeignKey("regions.Department", null=True, blank=True, **_PLAIN)
    reason = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    item_ref = models.CharField(max_length=40, null=True, blank=True, unique=True)
    wants = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-last", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["station", "cause"], condition=Q(state__in=OPEN), name="monitoring_incident_one"
            ),
            models.CheckConstraint(
                condition=Q(state__in=_WAITING) | Q(deadline__isnull=True), name="monitoring_incident_wait"
            ),
            models.CheckConstraint(condition=~Q(state="false") | ~Q(reason=""), name="monitoring_incident_reason"),
            models.CheckConstraint(
                condition=Q(active=True, level__gte=1) | Q(active=False, level=0), name="monitoring_incident_level"
            ),
            models.CheckConstraint(condition=Q(peak__gte=F("level")), name="monitoring_incident_peak"),
        ]
        indexes = [
            models.Index(fields=["state", "-last"], name="monitoring_incident_state"),
            models.Index(fields=["device", "-last"], name="monitoring_incident_dev"),
            models.Index(fields=["deadline"], name="monitoring_incident_due"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> str:
        """The incident as a reference."""
        return f"alarm:{self.pk}"

    def terms(self, escalations: int, forget_s: int) -> Terms:
        """Its waits."""
        return Terms(self.acknowledge_s, escalations, forget_s)

    @property
    def life(self) -> Life:
        """Where it stands, for the machine."""
        return Life(State(self.state), self.active, self.level, self.peak, self.raises, self.escalations, self.deadline)

    @life.setter
    def life(self, new: Life) -> None:
        self.state = new.state.value
        for name in ("active", "level", "peak", "raises", "escalations", "deadline"):
            setattr(self, name, getattr(new, name))


class AlarmSignal(models.Model):
    """One time that one rule held on one device and factor. ``because``: what spoke for it, with numbers and bounds.

    ``withdrawn``: values that came later showed that it had not held.
    """

    incident = models.ForeignKey(AlarmIncident, on_delete=models.CASCADE, related_name="signals")
    rule = models.ForeignKey(AlarmRule, on_delete=models.PROTECT, related_name="signals")
    rule_revision = models.PositiveIntegerField()
    device = models.ForeignKey("monitoring.Device", on_delete=models.PROTECT, related_name="+")
    factor = models.CharField(max_length=40)
    start = models.DateTimeField()
    end = models.DateTimeField(null=True, blank=True)
    level = models.PositiveSmallIntegerField()
    peak = models.PositiveSmallIntegerField()
    because = models.JSONField(default=list)
    withdrawn = models.BooleanField(default=False)
    noticed = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-start", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "device", "factor", "start", "rule_revision"], name="monitoring_signal_once"
            ),
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gte=F("start")), name="monitoring_signal_order"
            ),
        ]
        indexes = [
            models.Index(fields=["device", "end"], name="monitoring_signal_device"),
            models.Index(fields=["incident", "-start"], name="monitoring_signal_of"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.device_id} {self.factor} {self.start:%Y-%m-%d %H:%M}"


class AlarmEvent(models.Model):
    """One step of an incident: what the rules found or what a person did, when, and the level then."""

    class Kind(models.TextChoices):
        """What happened."""

        RAISED = "raised", _("触发")
        AGAIN = "again", _("再次触发")
        UP = "up", _("升级")
        DOWN = "down", _("降级")
        OVER = "over", _("恢复正常")
        REVISED = "revised", _("补数后重新判定")
        ACKNOWLEDGED = "acknowledged", _("确认")
        ASSIGNED = "assigned", _("指派")
        ITEM = "item", _("转督办事项")
        ITEM_FAILED = "item_failed", _("未能转督办")
        ITEM_STEP = "item_step", _("督办事项进展")
        DONE = "done", _("处置完成")
        ESCALATED = "escalated", _("未及时确认，上报")
        FALSE = "false", _("认定误报")
        COMMENT = "comment", _("备注")
        ENDED = "ended", _("结束")

    incident = models.ForeignKey(AlarmIncident, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=12, choices=IncidentState)
    level = models.PositiveSmallIntegerField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    note = models.CharField(max_length=200, blank=True)
    ref = models.CharField(max_length=60, null=True, blank=True)

    class Meta:
        ordering = ["incident", "at", "id"]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.kind}"


class Watch(models.Model):
    """How far the minute's job has looked at the lake: ``position`` of ``lake/changes.py``, and when all was looked at.

    Derived: without it everything is looked at once more.
    """

    name = models.CharField(max_length=20, primary_key=True)
    position = models.JSONField()
    whole = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
