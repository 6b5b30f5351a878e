"""Django application of the sheets room."""

from django.apps import AppConfig


class SheetsConfig(AppConfig):
    """Tables of staged imports and saved mappings."""

    name = "ecocloud.base.sheets"
    label = "sheets"
    verbose_name = "表格导入导出"
