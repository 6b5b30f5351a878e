"""Workbooks in and out: template, import with preview, error file, export. The names here need no Django."""

from ecocloud.base.sheets.book import guess_workbook
from ecocloud.base.sheets.compare import CellDiff, Preview, PreviewRow, compare
from ecocloud.base.sheets.error_file import error_workbook
from ecocloud.base.sheets.export import ExportMeta, export_workbook, write_export
from ecocloud.base.sheets.faults import CellFault
from ecocloud.base.sheets.headers import Mapping, guess_mapping
from ecocloud.base.sheets.reading import Reading, ReadRow, read_rows
from ecocloud.base.sheets.spec import Choice, Column, SheetSpec
from ecocloud.base.sheets.template import template_workbook

__all__ = [
    "CellDiff",
    "CellFault",
    "Choice",
    "Column",
    "ExportMeta",
    "Mapping",
    "Preview",
    "PreviewRow",
    "ReadRow",
    "Reading",
    "SheetSpec",
    "compare",
    "error_workbook",
    "export_workbook",
    "guess_mapping",
    "guess_workbook",
    "read_rows",
    "template_workbook",
    "write_export",
]
