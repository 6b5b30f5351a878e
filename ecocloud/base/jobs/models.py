"""The queue and the clock's memory. Written by services and the worker only."""

from django.db import models
from django.db.models import Q


class State(models.TextChoices):
    """Where a job stands."""

    QUEUED = "queued", "排队"
    RUNNING = "running", "运行"
    DONE = "done", "完成"
    FAILED = "failed", "失败"
    CANCELLED = "cancelled", "已取消"


FINISHED = (State.DONE, State.FAILED, State.CANCELLED)


class Job(models.Model):
    """One run of a registered function."""

    name = models.CharField(max_length=80)
    payload = models.JSONField(default=dict)
    key = models.CharField(max_length=160, null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    text = models.CharField(max_length=200, default="")
    attempts = models.PositiveIntegerField(default=0)
    max_attempts = models.PositiveIntegerField(default=3)
    claim = models.PositiveIntegerField(default=0)
    run_after = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=80, default="")
    carrier = models.BigIntegerField(null=True)
    cancel_asked = models.BooleanField(default=False)
    checkpoint = models.JSONField(null=True)
    result = models.JSONField(null=True)
    error = models.TextField(default="")
    created_by = models.CharField(max_length=80, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "key"], condition=Q(state="queued"), name="jobs_job_pending_key"),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "done", "failed", "cancelled"]), name="jobs_job_state"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "run_after"], name="jobs_job_due"),
            models.Index(fields=["name", "key"], name="jobs_job_key"),
            models.Index(fields=["finished_at"], name="jobs_job_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.name} {self.state}"


class ScheduleState(models.Model):
    """The last slot of a schedule that was enqueued; several workers agree through this row."""

    name = models.CharField(max_length=80, primary_key=True)
    last_slot = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.last_slot:%Y-%m-%d %H:%M}"
