"""Django application of the duties room."""

from django.apps import AppConfig


class DutiesConfig(AppConfig):
    """The duties room's tables."""

    name = "ecocloud.kernel.duties"
    label = "duties"
    verbose_name = "督办"
