"""The user's own workbook back: faulty cells coloured, a column 错误原因, everything else as it was.

The package is edited, not rewritten: only the sheet's XML and ``styles.xml`` change, so pictures, charts, formulas,
comments and print settings stay byte for byte.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from copy import deepcopy

from lxml import etree
from openpyxl.utils import column_index_from_string, get_column_letter

from ecocloud.base.sheets import guard
from ecocloud.base.sheets.compare import Preview
from ecocloud.base.sheets.faults import CellFault, NotAWorkbook
from ecocloud.base.sheets.headers import REASON_HEADER, Mapping
from ecocloud.base.sheets.limits import limits

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
FAULT_COLOUR = "FFF9DDD8"
REASON_COLOUR = "FFB7321F"
REASON_WIDTH = "48"


def error_workbook(original: bytes, preview: Preview) -> bytes:
    """The original package with reasons.

    Parameters: the workbook as uploaded; the preview (its wrong rows and its mapping are used).
    Returns the .xlsx bytes. Raises ``NotAWorkbook`` when the package has changed shape since it was read.
    """
    if preview.mapping is None:
        raise ValueError("the preview has no mapping")
    faults = {row.number: row.faults for row in preview.wrong}
    return mark_faults(original, faults, preview.mapping)


def mark_faults(original: bytes, faults: dict[int, Iterable[CellFault]], mapping: Mapping) -> bytes:
    """Like :func:`error_workbook`, from faults by row number."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(original)) as package:
        sheet_part, styles_part = _parts(package, mapping.sheet)
        styles = _Styles(package.read(styles_part))
        sheet = _Sheet(package.read(sheet_part), styles)
        sheet.mark({row: list(items) for row, items in faults.items()}, mapping)
        changed = {sheet_part: sheet.as_bytes(), styles_part: styles.as_bytes()}
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
            for member in package.infolist():
                target.writestr(member, changed.get(member.filename) or package.read(member.filename))
    return out.getvalue()


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


def _parts(package: zipfile.ZipFile, title: str) -> tuple[str, str]:
    """The names of the sheet's part and of the styles' part."""
    rels = etree.fromstring(package.read("_rels/.rels"), _parser())
    book_part = next(
        (item.get("Target").lstrip("/") for item in rels if item.get("Type", "").endswith("/officeDocument")), ""
    )
    folder, name = posixpath.split(book_part)
    book = etree.fromstring(package.read(book_part), _parser())
    links = etree.fromstring(package.read(f"{folder}/_rels/{name}.rels".lstrip("/")), _parser())
    targets = {item.get("Id"): _join(folder, item.get("Target")) for item in links}
    styles = next((_join(folder, item.get("Target")) for item in links if item.get("Type", "").endswith("/styles")), "")
    for item in book.iter(f"{{{etree.QName(book).namespace}}}sheet"):
        if item.get("name") == title:
            part = targets.get(item.get(f"{{{_OFFICE}}}id") or item.get(f"{{{_STRICT}}}id"), "")
            if part and styles:
                return part, styles
    raise NotAWorkbook(f"工作簿里没有工作表“{title}”。", f"no sheet {title!r} or no styles in the package")


def _join(folder: str, target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))


class _Styles:
    """``styles.xml`` with two more fills: each used cell format gets a coloured twin on demand."""

    def __init__(self, data: bytes) -> None:
        self.root = etree.fromstring(data, _parser())
        self.space = etree.QName(self.root).namespace
        self.formats = self.root.find(self._tag("cellXfs"))
        self.twins: dict[int, int] = {}
        self.fill = self._add_fill()
        self.font = self._add_font()

    def _tag(self, name: str) -> str:
        return f"{{{self.space}}}{name}"

    def _add_fill(self) -> int:
        fills = self.root.find(self._tag("fills"))
        fill = etree.SubElement(fills, self._tag("fill"))
        pattern = etree.SubElement(fill, self._tag("patternFill"), patternType="solid")
        etree.SubElement(pattern, self._tag("fgColor"), rgb=FAULT_COLOUR)
        etree.SubElement(pattern, self._tag("bgColor"), indexed="64")
        return self._count(fills)

    def _add_font(self) -> int:
        fonts = self.root.find(self._tag("fonts"))
        font = etree.fromstring(etree.tostring(fonts[0])) if len(fonts) else etree.Element(self._tag("font"))
        for colour in font.findall(self._tag("color")):
            font.remove(colour)
        colour = etree.Element(self._tag("color"), rgb=REASON_COLOUR)
        size = font.find(self._tag("sz"))
        font.insert(0 if size is None else font.index(size) + 1, colour)
        fonts.append(font)
        return self._count(fonts)

    def _count(self, parent: etree._Element) -> int:
        parent.set("count", str(len(parent)))
        return len(parent) - 1

    def coloured(self, style: int) -> int:
        """The style with the fault colour as fill."""
        if style not in self.twins:
            twin = deepcopy(self.formats[style if style < len(self.formats) else 0])
            twin.set("fillId", str(self.fill))
            twin.set("applyFill", "1")
            self.formats.append(twin)
            self.twins[style] = self._count(self.formats)
        return self.twins[style]

    def reason(self) -> int:
        """The style of the reason column: red text, wrapped, as text."""
        if -1 not in self.twins:
            twin = etree.SubElement(
                self.formats,
                self._tag("xf"),
                numFmtId="49",
                fontId=str(self.font),
                fillId="0",
                borderId="0",
                xfId="0",
                applyNumberFormat="1",
                applyFont="1",
                applyAlignment="1",
            )
            etree.SubElement(twin, self._tag("alignment"), wrapText="1", vertical="top")
            self.twins[-1] = self._count(self.formats)
        return self.twins[-1]

    def as_bytes(self) -> bytes:
        """The part as it is written back."""
        return etree.tostring(self.root, xml_declaration=True, encoding="UTF-8", standalone=True)


class _Sheet:
    """One worksheet's XML."""

    def __init__(self, data: bytes, styles: _Styles) -> None:
        self.root = etree.fromstring(data, _parser())
        self.space = etree.QName(self.root).namespace
        self.styles = styles
        self.data = self.root.find(self._tag("sheetData"))
        self.rows: dict[int, etree._Element] = {}
        self.width = 0
        number = 0
        for row in self.data:
            number = int(row.get("r") or number + 1)
            row.set("r", str(number))
            self.rows[number] = row
            column = 0
            for cell in row:
                column = _column_of(cell) or column + 1
                cell.set("r", f"{get_column_letter(column)}{number}")
            if column <= limits().max_columns.value:
                self.width = max(self.width, column)

    def _tag(self, name: str) -> str:
        return f"{{{self.space}}}{name}"

    def mark(self, faults: dict[int, list[CellFault]], mapping: Mapping) -> None:
        """Colour the faulty cells and write the reasons."""
        column = mapping.reason_column or self.width + 1
        if mapping.reason_column:
            for number, row in self.rows.items():
                if number >= mapping.first_row:
                    self._remove(row, column)
        self._write(mapping.header_row, column, REASON_HEADER)
        for number, items in sorted(faults.items()):
            reasons = defaultdict(list)
            for fault in items:
                reasons[fault.column].append(fault.sentence_zh())
                if fault.column:
                    self._colour(number, column_index_from_string(fault.column))
            self._write(number, column, "\n".join(text for texts in reasons.values() for text in texts))
        self._widen(column)
        self._grow_dimension(column)

    def _row(self, number: int) -> etree._Element:
        if number in self.rows:
            return self.rows[number]
        row = etree.Element(self._tag("row"), r=str(number))
        later = [other for other in self.rows if other > number]
        if later:
            self.rows[min(later)].addprevious(row)
        else:
            self.data.append(row)
        self.rows[number] = row
        return row

    def _cell(self, number: int, column: int) -> etree._Element:
        row = self._row(number)
        row.attrib.pop("spans", None)
        place = None
        for cell in row:
            at = _column_of(cell)
            if at == column:
                return cell
            if at > column:
                place = cell
                break
        made = etree.Element(self._tag("c"), r=f"{get_column_letter(column)}{number}")
        if place is None:
            row.append(made)
        else:
            place.addprevious(made)
        return made

    def _remove(self, row: etree._Element, column: int) -> None:
        for cell in row:
            if _column_of(cell) == column:
                row.remove(cell)
                return

    def _colour(self, number: int, column: int) -> None:
        cell = self._cell(number, column)
        cell.set("s", str(self.styles.coloured(int(cell.get("s") or 0))))

    def _write(self, number: int, column: int, text: str) -> None:
        cell = self._cell(number, column)
        for child in list(cell):
            cell.remove(child)
        cell.set("t", "inlineStr")
        cell.set("s", str(self.styles.reason()))
        holder = etree.SubElement(cell, self._tag("is"))
        body = etree.SubElement(holder, self._tag("t"))
        body.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        body.text = guard.escape(guard.quote(text[: limits().max_cell_text.value]))

    def _widen(self, column: int) -> None:
        columns = self.root.find(self._tag("cols"))
        if columns is None:
            columns = etree.Element(self._tag("cols"))
            self.data.addprevious(columns)
        for item in columns:
            if int(item.get("min")) <= column <= int(item.get("max")):
                return  # a wide range of columns keeps its width; the reasons wrap
        made = etree.Element(self._tag("col"), min=str(column), max=str(column), width=REASON_WIDTH, customWidth="1")
        later = [item for item in columns if int(item.get("min")) > column]
        later[0].addprevious(made) if later else columns.append(made)

    def _grow_dimension(self, column: int) -> None:
        dimension = self.root.find(self._tag("dimension"))
        if dimension is not None:
            last = max(self.rows, default=1)
            dimension.set("ref", f"A1:{get_column_letter(max(column, self.width))}{last}")

    def as_bytes(self) -> bytes:
        """The part as it is written back."""
        return etree.tostring(self.root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _column_of(cell: etree._Element) -> int:
    letters = re.match(r"[A-Z]+", cell.get("r") or "")
    return column_index_from_string(letters[0]) if letters else 0
