"""The Django application of the room."""

from django.apps import AppConfig


class AccountabilityConfig(AppConfig):
    """责任档案."""

    name = "ecocloud.domains.accountability"
    label = "accountability"
    default_auto_field = "django.db.models.BigAutoField"
