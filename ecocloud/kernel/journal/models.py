"""Tables of the journal. Rows are only ever inserted, by :mod:`ecocloud.kernel.journal.services`."""

from django.db import models


class Entry(models.Model):
    """One change of one record: who, when, what, before and after."""

    tx = models.CharField(max_length=32)
    position = models.PositiveIntegerField()
    at = models.DateTimeField(db_index=True)
    actor_id = models.CharField(max_length=40)
    actor_name = models.CharField(max_length=80)
    actor_unit = models.CharField(max_length=120)
    address = models.CharField(max_length=64)
    request_id = models.CharField(max_length=40)
    action = models.CharField(max_length=60)
    ref_kind = models.CharField(max_length=20)
    ref_key = models.CharField(max_length=120)
    ref_place = models.CharField(max_length=101)
    before = models.TextField()
    after = models.TextField()
    note = models.TextField()
    digest = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tx", "position"], name="journal_entry_place")]
        indexes = [
            models.Index(fields=["ref_kind", "ref_key", "id"], name="journal_entry_ref"),
            models.Index(fields=["actor_id", "id"], name="journal_entry_actor"),
            models.Index(fields=["action", "id"], name="journal_entry_action"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action} {self.ref_kind}:{self.ref_key}"

    def sealed_fields(self) -> dict:
        """The fields the entry's digest covers."""
        names = ["tx", "position", "at", "actor_id", "actor_name", "actor_unit", "address", "request_id", "action"]
        names += ["ref_kind", "ref_key", "ref_place", "before", "after", "note"]
        return {name: getattr(self, name) for name in names}


class Link(models.Model):
    """One chain entry for each business transaction."""

    number = models.BigIntegerField(primary_key=True)
    tx = models.CharField(max_length=32, unique=True)
    at = models.DateTimeField()
    count = models.PositiveIntegerField()
    total = models.BigIntegerField()
    rows = models.CharField(max_length=80)
    previous = models.CharField(max_length=80, unique=True)
    digest = models.CharField(max_length=80, unique=True)

    def __str__(self) -> str:
        return f"{self.number} {self.digest[:16]}"


class Head(models.Model):
    """The last link, signed; exactly one row, locked last in every transaction."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=80)
    at = models.DateTimeField(null=True)
    signature = models.CharField(max_length=90)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="journal_head_single")]

    def __str__(self) -> str:
        return f"head {self.number}"


class RefusalCount(models.Model):
    """Refusals of people who are not signed in, counted by day and route instead of journalled one by one."""

    day = models.DateField()
    route = models.CharField(max_length=120)
    reason = models.CharField(max_length=60)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "route", "reason"], name="journal_refusal_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.route} {self.count}"
