"""The shell starts every room: resolvers, handlers and jobs are registered here, once per process."""

from django.apps import AppConfig

from ecocloud.base.jobs.registry import offer
from ecocloud.base.rooms import all_rooms, load


class WebConfig(AppConfig):
    """The shell's Django application."""

    name = "ecocloud.web"
    label = "web"
    verbose_name = "生态云"

    def ready(self) -> None:
        """Call each room's ``on_start`` and offer its jobs."""
        for room in all_rooms():
            if room.jobs:
                offer(room.jobs)
            if room.on_start:
                load(room.on_start)()
