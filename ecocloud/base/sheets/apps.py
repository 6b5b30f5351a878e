"""Django application of the sheets room."""

from django.apps import AppConfig

from ecocloud.base.jobs.registry import offer


class SheetsConfig(AppConfig):
    """Tables of staged imports and saved mappings."""

    name = "ecocloud.base.sheets"
    label = "sheets"
    verbose_name = "表格导入导出"

    def ready(self) -> None:
        """Offer the jobs of large imports."""
        offer("ecocloud.base.sheets.jobs")
