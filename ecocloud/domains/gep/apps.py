"""The Django application of the room."""

from django.apps import AppConfig


class GepConfig(AppConfig):
    """生态产品总值核算."""

    name = "ecocloud.domains.gep"
    label = "gep"
    default_auto_field = "django.db.models.BigAutoField"
