"""The builder of official papers."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.image.exceptions import InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError
from docx.oxml.ns import qn
from docx.shared import Mm

from ecocloud.base.officedocs import colophon, ooxml, package, tables
from ecocloud.base.officedocs.layout import TWIPS_PER_MM, Layout, StyleValue, gbt9704
from ecocloud.base.officedocs.wording import HeadingNumbers, clean, official_date, width_in_characters


@dataclass(frozen=True)
class Source:
    """Where a statement comes from: ``text`` names the source, ``place`` the spot in it, ``ref`` its reference."""

    text: str
    place: str = ""
    ref: str = ""


@dataclass(frozen=True)
class Run:
    """A stretch of text in a paragraph; ``font`` is body, black, kai or song; a ``source`` adds a raised number."""

    text: str
    bold: bool = False
    font: str = "body"
    source: Source | None = None


class GbDocument:
    """An official paper in the making.

    Parameters
    ----------
    title: the title; a line feed starts a new line.
    landscape: the wide sheet (调度表): A4 turned by a quarter with the margins turned too.
    author: the unit named in the file's properties.
    """

    def __init__(self, title: str, *, landscape: bool = False, author: str = "生态云") -> None:
        self._layout: Layout = gbt9704()
        self._landscape = landscape
        self._document: Any = Document()
        self._body = self._document.element.body
        self._final = self._body.sectPr
        self._numbers = HeadingNumbers([self._layout.style(f"heading{level}").numbering for level in (1, 2, 3, 4)])
        self._sources: dict[Source, int] = {}
        self._colophon: tuple[list[str], str, date | None] | None = None
        self._titled = False
        self._closed = False
        self._page_break = False
        self.title = clean(title)
        package.prepare(self._document, self._layout, landscape, clean(title).replace("\n", ""), clean(author))

    # --- head of the paper -------------------------------------------------------------------------------------
    def red_head(self, issuer: str, number: str = "", signer: str = "") -> None:
        """The issuer's mark in red, the document number and the red rule; call before anything else."""
        layout = self._layout
        red = layout.colours["red_head"].value
        room = layout.text_width(self._landscape) / 20
        mark = clean(issuer).replace("\n", "")
        points = min(layout.points("初号"), max(16, int(room / max(width_in_characters(mark), 1) * 2) / 2))
        above = round(layout.distances["red_head_below"].value * TWIPS_PER_MM)
        self._append(
            ooxml.paragraph_properties(align="center", before=above),
            [(mark, {"font": "title", "points": points, "colour": red})],
        )
        self._blank(2)
        heavy = round(layout.distances["heavy_rule"].value * TWIPS_PER_MM / 20 * 8) * 2
        text = clean(number) + (f"　　　　签发人：{clean(signer)}" if signer else "")
        rule = {"bottom": (heavy, red)}
        properties = ooxml.paragraph_properties(align="center", line=layout.line_pitch(), rules=rule)
        self._append(properties, [(text, {"font": "body", "points": layout.points("3号")})])
        self._blank(2)

    def addressee(self, text: str) -> None:
        """主送机关: flush left, ends with a full-width colon (added where missing)."""
        self._ensure_title()
        name = clean(text).replace("\n", "").rstrip(":：") + "："
        self._write("body", [(name, {})], first_chars=0)

    # --- text --------------------------------------------------------------------------------------------------
    def heading(self, text: str, level: int = 1, *, numbered: bool = True, run_in: str = "") -> str:
        """A heading of level 1 to 4 with its automatic mark 一、（一）1.（1）; returns the mark.

        ``run_in`` is text of the paragraph that follows the heading on the same line, in body type.
        """
        if level not in (1, 2, 3, 4):
            raise ValueError(f"heading level must be 1 to 4, not {level}")
        self._ensure_title()
        mark = self._numbers.next(level) if numbered else ""
        pieces: list[tuple[str, dict]] = [(mark + clean(text).replace("\n", ""), {})]
        if run_in:
            pieces.append((clean(run_in).replace("\n", ""), {"font": "body"}))
        self._write(f"heading{level}", pieces, style_id=f"Heading{level}", outline=level - 1, keep_next=not run_in)
        return mark

    def paragraph(
        self, text: str | Run | Sequence[Run | str] = "", runs: Sequence[Run | str] = (), *, align: str = "both"
    ) -> None:
        """A body paragraph, first line two characters in.

        ``text`` is plain text (each line feed starts a new paragraph), a :class:`Run` or a list of both; ``runs``
        follow ``text``. A run with a source gets a raised number and a line in the evidence appendix.
        """
        self._ensure_title()
        parts: list[Run | str] = [text] if isinstance(text, str | Run) else list(text)
        parts += list(runs)
        first = 2 if align in ("both", "left") else 0
        lines: list[list[tuple[str, dict]]] = [[]]
        for part in parts:
            run = Run(part) if isinstance(part, str) else part
            for index, line in enumerate(clean(run.text).split("\n")):
                if index:
                    lines.append([])
                if line:
                    lines[-1].append((line, {"font": run.font, "bold": run.bold}))
            if run.source is not None:
                lines[-1].append((f"[{self.cite(run.source)}]", {"superscript": True}))
        for line in lines:
            self._write("body", line, first_chars=first, align=align)

    def cite(self, source: Source) -> int:
        """The number of a source in the evidence appendix; the same source keeps its number."""
        return self._sources.setdefault(source, len(self._sources) + 1)

    def table(
        self,
        headers: Sequence[str],
        rows: Sequence[Sequence[Any]],
        widths: Sequence[float] | None = None,
        align: Sequence[str] | None = None,
        *,
        caption: str = "",
        size: str = "5号",
    ) -> None:
        """A table whose head repeats on every page and whose rows never split.

        ``widths`` are relative weights (for example mm); without them the content decides. ``align`` per column is
        auto, left, center or right; auto sets figures right, the rest left. ``size`` is 4号, 小4号 or 5号.
        A cell may be a :class:`Run` with a source. Every row must have as many cells as ``headers``.
        """
        self._ensure_title()
        if caption:
            style = self._layout.style("caption")
            self._write("caption", [(clean(caption).replace("\n", ""), {})], align=style.align, keep_next=True)
        cells = [[self._cell(value) for value in row] for row in rows]
        table = tables.build(self._layout, [clean(h) for h in headers], cells, self._width(), widths, align, size)
        self._final.addprevious(table)
        self._append(ooxml.paragraph_properties(line=self._layout.line_pitch() // 2), [])

    def picture(self, data: bytes, caption: str = "", *, width_mm: int = 120) -> bool:
        """A picture (JPEG or PNG) in the middle of a line, its caption below; False when the bytes are no picture."""
        self._ensure_title()
        paragraph = self._document.add_paragraph()
        try:
            paragraph.add_run().add_picture(BytesIO(data), width=Mm(width_mm))
        except (UnrecognizedImageError, UnexpectedEndOfFileError, InvalidImageStreamError, KeyError, ValueError):
            self._body.remove(paragraph._p)
            return False
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = bool(caption)
        if caption:
            style = self._layout.style("caption")
            self._write("caption", [(clean(caption).replace("\n", ""), {})], align=style.align)
        return True

    def page_break(self) -> None:
        """What follows starts on a new page."""
        self._page_break = True

    # --- foot of the paper -------------------------------------------------------------------------------------
    def attachments(self, names: Sequence[str]) -> None:
        """附件说明 under the text: one blank line, two characters in, names without full stop, hanging."""
        self._ensure_title()
        if not names:
            return
        self._blank(1)
        label = "附件："
        for index, name in enumerate(names):
            number = f"{index + 1}." if len(names) > 1 else ""
            plain = clean(name).replace("\n", "").rstrip("。；;，,")
            hang = width_in_characters(number)
            lead = label if index == 0 else ""
            # The label stands in front of the first name; later names and turned lines start where the first starts.
            left = 2 + width_in_characters(label) + hang
            hanging = hang + width_in_characters(lead)
            self._write("body", [(lead + number + plain, {})], first_chars=0, left_chars=left, hanging_chars=hanging)

    def signature(self, org: str | Sequence[str], day: date, *, sealed: bool = True) -> None:
        """署名 and 成文日期, one blank line under the text.

        Sealed papers: date four characters from the right, the organisation centred over it. Unsealed: organisation
        two characters from the right, the date begins two characters further right than the organisation.
        """
        self._ensure_title()
        names = [clean(name).replace("\n", "") for name in ([org] if isinstance(org, str) else org)]
        text = official_date(day)
        date_width = width_in_characters(text)
        distances = self._layout.distances
        self._blank(1)
        longest = max(width_in_characters(name) for name in names)
        if sealed:
            inset = distances["date_inset"].value
            # A name too long to be centred over the date pushes the date to the left, as far as the line allows.
            inset = min(max(inset, (longest - date_width) / 2), 12.0)
            rights = [max(0.0, inset + (date_width - width_in_characters(name)) / 2) for name in names]
        else:
            inset = distances["unsealed_inset"].value
            right = max(inset, inset + date_width + 2 - longest)
            rights = [right + (longest - width_in_characters(name)) / 2 for name in names]
            inset = max(0.0, right + longest - 2 - date_width)
        for name, right in zip(names, rights, strict=True):
            self._write("body", [(name, {})], first_chars=0, align="right", right_chars=right, keep_next=True)
        self._write("body", [(text, {})], first_chars=0, align="right", right_chars=inset)

    def attachment_page(self, number: int | None, title: str) -> None:
        """附件 on a page of its own: label flush left in line 1, title centred in line 3; heading numbers restart."""
        self._ensure_title()
        self._numbers.restart()
        self._page_break = True
        self._write("attachment_label", [(f"附件{number or ''}", {})], first_chars=0, align="left")
        self._blank(1)
        self._write("title", [(clean(title), {})], first_chars=0, align="center")
        self._blank(1)

    def copy_to(self, units: Sequence[str], *, printed_by: str = "", printed_on: date | None = None) -> None:
        """版记 at the foot of the last page: 抄送 and, where given, who printed it and when."""
        names = [clean(unit).replace("\n", "") for unit in units]
        self._colophon = (names, clean(printed_by).replace("\n", ""), printed_on)

    def to_bytes(self) -> bytes:
        """The paper as .docx; may be called again and gives the same content."""
        if not self._closed:
            self._close()
        buffer = BytesIO()
        self._document.save(buffer)
        return buffer.getvalue()

    # --- inside ------------------------------------------------------------------------------------------------
    def _close(self) -> None:
        self._ensure_title()
        if self._sources:
            self.attachment_page(None, "数据与事实来源")
            columns = {"编号": "center", "来源": "left", "位置": "left"}
            rows = [[str(number), source.text, source.place] for source, number in self._sources.items()]
            if any(source.ref for source in self._sources):
                columns["引用编号"] = "left"
                rows = [[*row, source.ref] for row, source in zip(rows, self._sources, strict=True)]
            self.table(list(columns), rows, align=list(columns.values()))
        if self._colophon is not None:
            block = colophon.build(self._layout, self._width(), *self._colophon)
            if block is not None:
                self._final.addprevious(block)
        tail = self._final.getprevious()
        if tail.tag == qn("w:tbl") or self._colophon is not None:  # a body must end with a plain paragraph
            self._append(ooxml.paragraph_properties(line=20), [])
        self._closed = True

    def _width(self) -> int:
        return self._layout.text_width(self._landscape)

    def _ensure_title(self) -> None:
        if not self._titled:
            self._titled = True
            self._write("title", [(self.title, {})], first_chars=0, align="center", style_id="Title")
            self._blank(1)

    def _cell(self, value: Any) -> Any:
        if isinstance(value, Run) and value.source is not None:
            return tables.Cited(value.text, self.cite(value.source))
        return value.text if isinstance(value, Run) else value

    def _blank(self, count: int) -> None:
        for _ in range(count):
            self._append(ooxml.paragraph_properties(line=self._layout.line_pitch()), [])

    def _write(
        self,
        name: str,
        pieces: Sequence[tuple[str, dict]],
        *,
        align: str = "",
        style_id: str = "",
        line: int = 0,
        **options: Any,
    ) -> None:
        style: StyleValue = self._layout.style(name)
        options.setdefault("first_chars", style.first_line_chars)
        points = self._layout.points(style.size)
        pitch = self._layout.line_pitch()
        height = line or (pitch if points <= 16 else round(points * 20 * 1.45))
        properties = ooxml.paragraph_properties(
            align=align or style.align, line=height, char=self._layout.character_twips(), **options
        )
        if style_id:
            properties.insert(0, ooxml.element("pStyle", val=style_id))
        self._append(properties, [(text, {"font": style.font, "points": points} | look) for text, look in pieces])

    def _append(self, properties: Any, pieces: Sequence[tuple[str, dict]]) -> None:
        if self._page_break:
            self._page_break = False
            anchor = properties.find(qn("w:widowControl"))
            anchor.addprevious(ooxml.element("pageBreakBefore"))
        paragraph = ooxml.element("p")
        paragraph.append(properties)
        for text, look in pieces:
            paragraph.append(ooxml.text_run(text, deepcopy(ooxml.run_properties(self._layout, **look))))
        self._final.addprevious(paragraph)
