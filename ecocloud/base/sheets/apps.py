"""Django application of the sheets room."""

from importlib import import_module

from django.apps import AppConfig


class SheetsConfig(AppConfig):
    """Tables of staged imports and saved mappings."""

    name = "ecocloud.base.sheets"
    label = "sheets"
    verbose_name = "表格导入导出"

    def ready(self) -> None:
        """Announce the jobs of large imports."""
        import_module("ecocloud.base.sheets.jobs")
