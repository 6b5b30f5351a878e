"""Devices, what they measure, when they are cared for, how they stand; senders that nobody has admitted."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ecocloud.base.units.fields import ScaledDecimalField
from ecocloud.intake.monitoring.stations import kinds

MN_LENGTH = 24
_PLAIN = {"on_delete": models.PROTECT, "related_name": "+"}
_PERSON = {"on_delete": models.PROTECT, "null": True, "blank": True, "related_name": "+"}


class Device(models.Model):
    """One sender of measurements under its MN: a data logger, a station's computer, a meter.

    ``st``: its system code. ``kind``: what it watches, see ``kinds.py``. ``object_ref``: the register object it stands
    at. ``step_minutes``: from one value of the hour data to the next (4-hourly sections: 240), what is due is counted
    by it. ``hour_ending``: whether its hours are stamped at their end, NULL for as ``results/rules.yaml`` says;
    ``restamped_at``: when that changed last. ``password``, ``cipher_key``: sealed, see ``sealing.py``. ``dialect``:
    switches of ``hj212.Dialect``.
    """

    mn = models.CharField(max_length=MN_LENGTH, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=20)
    st = models.CharField(max_length=2)
    region = models.ForeignKey("regions.Region", **_PLAIN)
    department = models.ForeignKey("regions.Department", null=True, blank=True, **_PLAIN)
    object_ref = models.CharField(max_length=40, null=True, blank=True)
    maker = models.CharField(max_length=60, blank=True)
    step_minutes = models.PositiveSmallIntegerField(default=60)
    hour_ending = models.BooleanField(null=True, blank=True)
    restamped_at = models.DateTimeField(null=True, blank=True)
    realtime_s = models.PositiveSmallIntegerField(default=60)
    minute_step = models.PositiveSmallIntegerField(default=10)
    enabled = models.BooleanField(default=True)
    password = models.BinaryField(null=True, blank=True)
    cipher_key = models.BinaryField(null=True, blank=True)
    dialect = models.JSONField(default=dict, blank=True)
    revision = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(mn="") & ~Q(name=""), name="monitoring_device_named"),
            models.CheckConstraint(
                condition=Q(step_minutes__gte=1, step_minutes__lte=1440), name="monitoring_device_step"
            ),
        ]
        indexes = [
            models.Index(fields=["region", "kind"], name="monitoring_dev_region"),
            models.Index(fields=["department"], name="monitoring_dev_unit"),
            models.Index(fields=["object_ref"], name="monitoring_dev_object"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> str:
        """The device as a reference."""
        return f"device:{self.pk}"


class Channel(models.Model):
    """One factor of a device: unit as shown, the instrument's range, the limit it is held against in words."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="channels")
    code = models.CharField(max_length=12)
    name = models.CharField(max_length=60)
    unit = models.CharField(max_length=20, blank=True)
    low = ScaledDecimalField(null=True, blank=True)
    high = ScaledDecimalField(null=True, blank=True)
    limit = ScaledDecimalField(null=True, blank=True)
    limit_text = models.CharField(max_length=120, blank=True)
    in_use = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["device", "order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["device", "code"], name="monitoring_channel_once"),
            models.CheckConstraint(
                condition=Q(low__isnull=True) | Q(high__isnull=True) | Q(high__gt=F("low")),
                name="monitoring_channel_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def label(self) -> str:
        """Its name in the language of the page."""
        return kinds.name_shown(self.code, self.name)

    @property
    def unit_label(self) -> str:
        """Its unit in the language of the page."""
        return kinds.unit_shown(self.unit)


class Upkeep(models.Model):
    """A time when a device, or one channel of it, was calibrated, cared for, broken or stood still with a reason.

    Holds from ``start`` until ``end`` (not included; open while NULL). ``cancelled_at``: entered by mistake.
    ``changed_at``: when it was entered, ended or taken back, whichever came last.
    """

    class Kind(models.TextChoices):
        """What was going on."""

        CALIBRATION = "calibration", _("校准")
        MAINTENANCE = "maintenance", _("维护")
        COMPARISON = "comparison", _("比对监测")
        FAULT = "fault", _("故障")
        SHUTDOWN = "shutdown", _("停产停排")

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="upkeeps")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, null=True, blank=True, related_name="upkeeps")
    kind = models.CharField(max_length=12, choices=Kind)
    start = models.DateTimeField()
    end = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    entered_at = models.DateTimeField(default=timezone.now)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-start", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gt=F("start")), name="monitoring_upkeep_order"
            )
        ]
        indexes = [models.Index(fields=["device", "start"], name="monitoring_upkeep_start")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.start:%Y-%m-%d %H:%M}"


class DeviceState(models.Model):
    """How a device stood when its gateway reported last; counts since the device is known."""

    device = models.OneToOneField(Device, on_delete=models.CASCADE, related_name="state")
    gateway = models.CharField(max_length=40, blank=True)
    peer = models.CharField(max_length=64, blank=True)
    online = models.BooleanField(default=False)
    connected = models.DateTimeField(null=True, blank=True)
    last_packet = models.DateTimeField(null=True, blank=True)
    last_data_time = models.DateTimeField(null=True, blank=True)
    packets = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    duplicates = models.BigIntegerField(default=0)
    clock_drift_s = models.FloatField(null=True, blank=True)
    reported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["online", "last_packet"], name="monitoring_state_online")]

    def __str__(self) -> str:
        return f"{self.device_id} {self.online}"


class DeviceDay(models.Model):
    """What was due and what came of one device on one day (China), summed over its channels.

    Derived from the lake by ``rates``; can be made anew. ``due``: periods due. ``got``, ``valid``: of those due, that
    came, that are marked valid. ``due_capture``, ``valid_capture``: the same without the times of upkeep.
    """

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    due = models.PositiveIntegerField()
    got = models.PositiveIntegerField()
    valid = models.PositiveIntegerField()
    due_capture = models.PositiveIntegerField()
    valid_capture = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["device", "-day"]
        constraints = [
            models.UniqueConstraint(fields=["device", "day"], name="monitoring_day_once"),
            models.CheckConstraint(
                condition=Q(got__lte=F("due")) & Q(valid__lte=F("got")) & Q(valid_capture__lte=F("due_capture")),
                name="monitoring_day_counts",
            ),
        ]
        indexes = [models.Index(fields=["day", "device"], name="monitoring_day_day")]

    def __str__(self) -> str:
        return f"{self.device_id} {self.day}"


class DayToCount(models.Model):
    """A day of a device whose counts are to be made anew: values came late for it, or its upkeep changed.

    ``at``: when that was noted last; the values are in the lake a moment later.
    """

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "day"], name="monitoring_to_count_once")]
        indexes = [models.Index(fields=["at"], name="monitoring_to_count_at")]

    def __str__(self) -> str:
        return f"{self.device_id} {self.day}"


class Stranger(models.Model):
    """A sender in quarantine 待准入: its MN is unknown, switched off, or its password is wrong. A person decides.

    ``sample``: the newest of its packets, bounded. ``packets``: how many came so far.
    """

    class State(models.TextChoices):
        """What was decided."""

        WAITING = "waiting", _("待准入")
        ADMITTED = "admitted", _("已准入")
        REFUSED = "refused", _("已拒绝")

    mn = models.CharField(max_length=40)
    reason = models.CharField(max_length=20)
    peer = models.CharField(max_length=64, blank=True)
    first = models.DateTimeField()
    last = models.DateTimeField()
    packets = models.BigIntegerField(default=0)
    sample = models.BinaryField(default=bytes)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    decided_at = models.DateTimeField(null=True, blank=True)
    opinion = models.CharField(max_length=200, blank=True)
    device = models.ForeignKey(Device, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-last", "-id"]
        constraints = [models.UniqueConstraint(fields=["mn", "reason"], name="monitoring_stranger_once")]
        indexes = [models.Index(fields=["state", "-last"], name="monitoring_stranger_state")]

    def __str__(self) -> str:
        return self.mn

    @property
    def ref(self) -> str:
        """The sender as a reference."""
        return f"stranger:{self.pk}"
