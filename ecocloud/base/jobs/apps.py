"""Django application of the jobs room."""

from importlib import import_module

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Queue and schedules."""

    name = "ecocloud.base.jobs"
    label = "jobs"
    verbose_name = "后台任务"

    def ready(self) -> None:
        """Register the room's own housekeeping."""
        import_module("ecocloud.base.jobs.housekeeping")
