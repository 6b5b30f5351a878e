"""Commands to devices, what became of each, how a device takes them, and answers that belong to none."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ecocloud.intake.monitoring.commanding.machine import OPEN, UNDER_WAY, Plan, Progress, State, Why
from ecocloud.intake.monitoring.commanding.table import DEFAULT_LINK

_PERSON = {"on_delete": models.PROTECT, "null": True, "blank": True, "related_name": "+"}
DEFAULT_EDITION = 2017
_OPEN = sorted(state.value for state in OPEN)
_UNDER_WAY = sorted(state.value for state in UNDER_WAY)


class CommandState(models.TextChoices):
    """The states of the machine in words."""

    PREPARED = State.PREPARED.value, _("待审批")
    READY = State.READY.value, _("待下发")
    HANDED = State.HANDED.value, _("正在下发")
    SENT = State.SENT.value, _("已下发，待应答")
    ACCEPTED = State.ACCEPTED.value, _("执行中")
    DONE = State.DONE.value, _("已完成")
    FAILED = State.FAILED.value, _("执行未成功")
    REFUSED = State.REFUSED.value, _("设备拒绝")
    INCOMPLETE = State.INCOMPLETE.value, _("结果未确认")
    TIMED_OUT = State.TIMED_OUT.value, _("超时")
    UNKNOWN = State.UNKNOWN.value, _("是否送达不明")
    UNDELIVERED = State.UNDELIVERED.value, _("未送达")
    DISMISSED = State.DISMISSED.value, _("不同意")
    WITHDRAWN = State.WITHDRAWN.value, _("已撤回")


class CommandSetting(models.Model):
    """How commands go to one device; a device without a row has the defaults.

    ``link``: a kind of link of the table of times. ``own_qn``: it answers with a QN of its own, so that even commands
    that act are matched by the device alone. ``auto_clock``: its clock is set when it drifts.
    """

    device = models.OneToOneField("monitoring.Device", on_delete=models.CASCADE, related_name="commanding")
    edition = models.PositiveSmallIntegerField(
        default=DEFAULT_EDITION, choices=[(2005, "HJ/T 212-2005"), (2017, "HJ 212-2017"), (2025, "HJ 212-2025")]
    )
    link = models.CharField(max_length=10, default=DEFAULT_LINK)
    own_qn = models.BooleanField(default=False)
    auto_clock = models.BooleanField(default=False)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    set_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.device_id} {self.edition}"


class Command(models.Model):
    """One command to one device, see ``machine.py``.

    ``given``: its parameters as kept by ``parameters.checked``. ``plan``: waits and numbers that hold for it.
    ``acts``, ``approval``: of the plan, for the constraints. ``qn``: given when it goes out first, kept when it is sent
    again. ``matched``: how its answers were found. ``data_ref``: the newest packet of data.
    """

    device = models.ForeignKey("monitoring.Device", on_delete=models.PROTECT, related_name="commands")
    cn = models.CharField(max_length=4)
    edition = models.PositiveSmallIntegerField()
    given = models.JSONField(default=dict, blank=True)
    plan = models.JSONField()
    acts = models.BooleanField()
    approval = models.BooleanField()
    reason = models.CharField(max_length=200)
    automatic = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=CommandState)
    why = models.CharField(max_length=16, null=True, blank=True)
    deadline = models.DateTimeField(null=True, blank=True)
    earliest = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sends = models.PositiveSmallIntegerField(default=0)
    data = models.PositiveIntegerField(default=0)
    result = models.PositiveSmallIntegerField(null=True, blank=True)
    qn = models.CharField(max_length=20, null=True, blank=True)
    gateway = models.CharField(max_length=40, null=True, blank=True)
    matched = models.CharField(max_length=8, null=True, blank=True)
    data_ref = models.CharField(max_length=80, null=True, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    decided_at = models.DateTimeField(null=True, blank=True)
    opinion = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["device", "qn"], name="monitoring_cmd_qn"),
            models.UniqueConstraint(
                fields=["device"], condition=Q(state__in=_UNDER_WAY), name="monitoring_cmd_one_way"
            ),
            models.CheckConstraint(condition=Q(acts=False) | Q(sends__lte=1), name="monitoring_cmd_acts_once"),
            models.CheckConstraint(
                condition=Q(state__in=_OPEN, deadline__isnull=False)
                | (~Q(state__in=_OPEN) & Q(deadline__isnull=True)),
                name="monitoring_cmd_deadline",
            ),
            models.CheckConstraint(
                condition=Q(approval=False) | Q(tries=0) | Q(decided_by__isnull=False), name="monitoring_cmd_agreed"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("asked_by")),
                name="monitoring_cmd_second",
            ),
            models.CheckConstraint(
                condition=Q(asked_by__isnull=False) | Q(automatic=True), name="monitoring_cmd_asked"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["state", "deadline"], name="monitoring_cmd_due"),
            models.Index(fields=["device", "-asked_at"], name="monitoring_cmd_device"),
        ]

    def __str__(self) -> str:
        return f"{self.cn} {self.device_id}"

    @property
    def ref(self) -> str:
        """The command as a reference."""
        return f"command:{self.pk}"

    @property
    def terms(self) -> Plan:
        """Its plan."""
        return Plan(**self.plan)

    @property
    def progress(self) -> Progress:
        """Where it stands, for the machine."""
        return Progress(
            State(self.state), self.deadline, self.earliest, self.until, self.tries, self.sends, self.data, self.result,
            Why(self.why) if self.why else None,
        )  # fmt: skip

    @progress.setter
    def progress(self, new: Progress) -> None:
        self.state, self.why = new.state.value, new.why.value if new.why else None
        for name in ("deadline", "earliest", "until", "tries", "sends", "data", "result"):
            setattr(self, name, getattr(new, name))


class CommandEvent(models.Model):
    """One step of a command: a person's, a gateway's or the device's, with the packet it came in."""

    class Kind(models.TextChoices):
        """What happened."""

        ASKED = "asked", _("提出")
        APPROVED = "approved", _("同意")
        DISMISSED = "dismissed", _("不同意")
        WITHDRAWN = "withdrawn", _("撤回")
        HANDED = "handed", _("接收网关取走")
        SENT = "sent", _("已下发")
        NOT_SENT = "not_sent", _("未能发出")
        ANSWER = "answer", _("设备应答")
        DATA = "data", _("设备返回数据")
        TIME = "time", _("到时")
        UNBUILT = "unbuilt", _("无法组包")

    command = models.ForeignKey(Command, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=12, choices=CommandState)
    cn = models.CharField(max_length=8, null=True, blank=True)
    qn = models.CharField(max_length=24, null=True, blank=True)
    result = models.PositiveSmallIntegerField(null=True, blank=True)
    matched = models.CharField(max_length=8, null=True, blank=True)
    raw_ref = models.CharField(max_length=80, null=True, blank=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["command", "at", "id"]
        constraints = [models.UniqueConstraint(fields=["command", "raw_ref"], name="monitoring_cmd_event_raw")]

    def __str__(self) -> str:
        return f"{self.command_id} {self.kind}"


class StrayAnswer(models.Model):
    """Answers of a device that belong to no command, counted for each CN; the newest one is shown."""

    mn = models.CharField(max_length=40)
    cn = models.CharField(max_length=8)
    qn = models.CharField(max_length=24, blank=True)
    result = models.PositiveSmallIntegerField(null=True, blank=True)
    raw_ref = models.CharField(max_length=80)
    first = models.DateTimeField()
    last = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-last", "-id"]
        constraints = [models.UniqueConstraint(fields=["mn", "cn"], name="monitoring_stray_once")]

    def __str__(self) -> str:
        return f"{self.mn} {self.cn}"
