"""Tables of register types, objects, their versions and roll-ups. Written by the room's services only."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ecocloud.base.files.models import StoredFile
from ecocloud.base.units.fields import ScaledDecimalField
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.registers import slots
from ecocloud.kernel.registers.pack_models import PackFeed, ShownPack  # noqa: F401

_PLAIN = {"on_delete": models.PROTECT, "related_name": "+"}
_PERSON = {"on_delete": models.PROTECT, "null": True, "blank": True, "related_name": "+"}


class Pack(models.Model):
    """A pack as it was loaded last; ``content`` is its checked description."""

    code = models.CharField(max_length=40, unique=True)
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=90)
    version = models.CharField(max_length=20)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.zh


class RegisterType(models.Model):
    """A register. Its definition is that of its newest version."""

    code = models.CharField(max_length=30, unique=True)
    zh = models.CharField(max_length=40)
    en = models.CharField(max_length=80)
    pack = models.ForeignKey(Pack, on_delete=models.PROTECT, null=True, blank=True, related_name="types")
    version = models.PositiveIntegerField(default=1)
    digest = models.CharField(max_length=64)
    # What is being derived anew: fields that cannot be filtered by yet, keys, the last object done; NULL when nothing.
    building = models.JSONField(null=True, blank=True, default=None)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.zh


class TypeVersion(models.Model):
    """One version of a definition with its slots and the mapping from the version before."""

    type = models.ForeignKey(RegisterType, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    slots = models.JSONField()
    mapping = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["type", "number"]
        constraints = [models.UniqueConstraint(fields=["type", "number"], name="registers_typever_once")]

    def __str__(self) -> str:
        return f"{self.type_id} {self.number}"


class _Row(models.Model):
    """What an object is at one time."""

    name = models.CharField(max_length=120)
    region = models.ForeignKey(Region, db_index=False, **_PLAIN)
    department = models.ForeignKey(Department, null=True, blank=True, db_index=False, **_PLAIN)
    state = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    place = models.BinaryField(null=True, blank=True)
    schema = models.PositiveIntegerField()
    body = models.JSONField(default=dict)

    class Meta:
        abstract = True


class _Slots(models.Model):
    """The index columns; see ``slots.py``."""

    class Meta:
        abstract = True


for _name in slots.NUMBERS:
    _Slots.add_to_class(_name, ScaledDecimalField(null=True, blank=True, editable=False))
for _name in slots.TEXTS:
    _Slots.add_to_class(_name, models.CharField(max_length=slots.TEXT_LENGTH, null=True, blank=True, editable=False))
for _name in slots.DATES:
    _Slots.add_to_class(_name, models.DateField(null=True, blank=True, editable=False))


class RegisterObject(_Row, _Slots):
    """One object of a register as it is today. ``version`` counts its changes."""

    type = models.ForeignKey(RegisterType, on_delete=models.PROTECT, related_name="members", db_index=False)
    code = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    valid_from = models.DateField()
    west = models.FloatField(null=True, blank=True)
    south = models.FloatField(null=True, blank=True)
    east = models.FloatField(null=True, blank=True)
    north = models.FloatField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["type", "code"]
        constraints = [
            models.UniqueConstraint(fields=["type", "code"], name="registers_object_code"),
            models.CheckConstraint(condition=~Q(code="") & ~Q(name=""), name="registers_object_named"),
            models.CheckConstraint(
                condition=Q(place__isnull=True, west__isnull=True) | Q(place__isnull=False, west__isnull=False),
                name="registers_object_box",
            ),
        ]
        # Behind what an index is for stand the columns of state and reach: lists and counts read no rows.
        indexes = [
            models.Index(fields=["type", "region", "code", "state", "department", "year"], name="registers_obj_region"),
            models.Index(fields=["type", "state", "code", "region", "department", "year"], name="registers_obj_state"),
            models.Index(fields=["type", "department", "code", "state", "region", "year"], name="registers_obj_dept"),
            models.Index(fields=["type", "name", "code", "state", "region", "department"], name="registers_obj_name"),
            models.Index(fields=["type", "code", "name", "state", "region", "department"], name="registers_obj_listed"),
            *(
                models.Index(
                    fields=["type", name, "code", "state", "region", "department"],
                    name=f"registers_obj_{name}",
                    condition=Q(**{f"{name}__isnull": False}),
                )
                for name in slots.ALL
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ObjectVersion(_Row):
    """What an object was from ``valid_from`` until the day before ``valid_to`` (NULL: until today)."""

    type = models.ForeignKey(RegisterType, db_index=False, **_PLAIN)
    object = models.ForeignKey(RegisterObject, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    action = models.CharField(max_length=40)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["object", "number"]
        constraints = [
            models.UniqueConstraint(fields=["object", "number"], name="registers_version_once"),
            models.UniqueConstraint(
                fields=["object"], condition=Q(valid_to__isnull=True), name="registers_version_current"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="registers_version_days"
            ),
        ]
        indexes = [
            models.Index(
                fields=["type", "region", "object", "valid_from", "valid_to", "state", "department"],
                name="registers_version_asof",
            )
        ]

    def __str__(self) -> str:
        return f"{self.object_id}@{self.number}"


class ObjectKey(models.Model):
    """The values of one uniqueness key of one object, as a digest; the database refuses a second one."""

    type = models.ForeignKey(RegisterType, db_index=False, **_PLAIN)
    object = models.ForeignKey(RegisterObject, on_delete=models.CASCADE, related_name="keys")
    name = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type", "name", "digest"], name="registers_key_once")]

    def __str__(self) -> str:
        return f"{self.object_id} {self.name}"


class ObjectCount(models.Model):
    """How many objects there are by type, region, department, year and state, and the sums of their number slots."""

    type = models.ForeignKey(RegisterType, on_delete=models.PROTECT, related_name="counts")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # 0 where there is none, so that the key is whole on every database.
    department_key = models.BigIntegerField(default=0)
    year_key = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=40)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["type", "region", "department_key", "year_key", "state"], name="registers_count_once"
            ),
            models.CheckConstraint(condition=Q(count__gte=0), name="registers_count_positive"),
        ]
        indexes = [
            models.Index(
                fields=["type", "state", "region", "year_key", "department", "count"], name="registers_count_cover"
            )
        ]

    def __str__(self) -> str:
        return f"{self.type_id} {self.region_id} {self.year_key} {self.state}: {self.count}"


for _name in slots.NUMBERS:
    ObjectCount.add_to_class(_name, ScaledDecimalField(default=0))


class ObjectInspection(models.Model):
    """One filled check list of an object."""

    object = models.ForeignKey(RegisterObject, on_delete=models.PROTECT, related_name="inspections")
    kind = models.CharField(max_length=40)
    on = models.DateField()
    results = models.JSONField()
    passed = models.BooleanField()
    note = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-on", "-id"]
        indexes = [models.Index(fields=["object", "kind", "-on"], name="registers_inspection_last")]

    def __str__(self) -> str:
        return f"{self.object_id} {self.kind} {self.on}"


class Attachment(models.Model):
    """A file of an object: of a file field, or of an inspection. A removed one stays with its reason."""

    object = models.ForeignKey(RegisterObject, on_delete=models.PROTECT, related_name="attachments")
    field = models.CharField(max_length=40, blank=True)
    inspection = models.ForeignKey(
        ObjectInspection, on_delete=models.PROTECT, null=True, blank=True, related_name="photos"
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["object", "field"], name="registers_attachment_field")]

    def __str__(self) -> str:
        return f"{self.object_id} {self.file_id}"


class YearLock(models.Model):
    """The snapshot of a year of one register and region (with all below it); while active, the year is closed.

    ``rows`` and ``digest`` are those of the objects as they were on the last day of the year.
    """

    type = models.ForeignKey(RegisterType, on_delete=models.PROTECT, related_name="locks")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    rows = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
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
                fields=["type", "region", "year"], condition=Q(unlocked_at__isnull=True), name="registers_lock_active"
            ),
            models.CheckConstraint(
                condition=Q(unlocked_at__isnull=True) | ~Q(unlock_reason=""), name="registers_lock_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type_id} {self.region_id} {self.year}"
