"""What is wrong with a cell or a workbook."""

from __future__ import annotations

from dataclasses import dataclass

from ecocloud.base.errors import EcoError


@dataclass(frozen=True)
class CellFault:
    """A cell that cannot be taken.

    ``row`` is the row number in the sheet, ``column`` the column's letter (empty when the file has no such column),
    ``title`` the column's name, ``value`` the text as given, ``remedy`` what would be right.
    """

    row: int
    column: str
    title: str
    value: str
    reason: str
    remedy: str = ""
    code: str = "value"

    def sentence_zh(self) -> str:
        """For people: which column, what is wrong, what would be right."""
        return f"{self.title}：{self.reason}{self.remedy}"

    def as_list(self) -> list:
        """For storing; :meth:`from_list` reads it back."""
        return [self.row, self.column, self.title, self.value, self.reason, self.remedy, self.code]

    @classmethod
    def from_list(cls, items: list) -> CellFault:
        """The fault that :meth:`as_list` wrote."""
        return cls(*items)


class CellError(EcoError):
    """Raised by the readers of single values; the row reader turns it into a :class:`CellFault`."""

    code = "value"


class WorkbookRefused(EcoError):
    """Base of what makes a whole workbook unusable."""

    code = "sheets.refused"


class NotAWorkbook(WorkbookRefused):
    """The bytes are no .xlsx workbook or it cannot be opened."""

    code = "sheets.not_a_workbook"


class EncryptedWorkbook(WorkbookRefused):
    """The workbook is protected by a password."""

    code = "sheets.encrypted"


class OldWorkbook(WorkbookRefused):
    """An .xls of Excel 97-2003."""

    code = "sheets.old_xls"


class EmptyWorkbook(WorkbookRefused):
    """No sheet has a row of data."""

    code = "sheets.empty"


class HeaderNotFound(WorkbookRefused):
    """No row looks like the header."""

    code = "sheets.no_header"


class MissingColumns(WorkbookRefused):
    """Required columns have no counterpart in the file."""

    code = "sheets.missing_columns"


class TooManyRows(WorkbookRefused):
    """More rows than the limit."""

    code = "sheets.too_many_rows"


class SpecError(ValueError):
    """A programming error in a spec."""
