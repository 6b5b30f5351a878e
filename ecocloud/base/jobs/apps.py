"""Django application of the jobs room."""

from django.apps import AppConfig

from ecocloud.base.jobs.registry import offer


class JobsConfig(AppConfig):
    """Queue and schedules."""

    name = "ecocloud.base.jobs"
    label = "jobs"
    verbose_name = "后台任务"

    def ready(self) -> None:
        """Offer the room's own housekeeping."""
        offer("ecocloud.base.jobs.housekeeping")
