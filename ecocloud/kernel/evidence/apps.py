"""Django application of the evidence room."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Indicators, observations, targets."""

    name = "ecocloud.kernel.evidence"
    label = "evidence"
    verbose_name = "指标与证据"
