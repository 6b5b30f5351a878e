"""Files to :class:`SourceText`: plain text, html, docx, pdf. Every failure is a typed, one-sentence refusal."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ecocloud.intake.documents.errors import (
    BinaryDocument,
    BrokenContainer,
    DocumentError,
    EmptyDocument,
    EncryptedDocument,
    NoTextLayer,
    OldOfficeFormat,
    TooLarge,
    refuse,
)
from ecocloud.intake.documents.text.encodings import decode
from ecocloud.intake.documents.text.repair import repair
from ecocloud.intake.documents.text.source import Place, SourceText

MAX_BYTES = 30 * 1024 * 1024
MAX_CHARS = 5_000_000
MAX_UNPACKED = 300 * 1024 * 1024
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF")
PACKED = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh")
HTML_HEAD = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body)[\s>]", re.I)
META_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.I)
ENDS_SENTENCE = re.compile(r"[。；：！？;:!?”）)]\s*$")
NEW_PARAGRAPH = re.compile(
    r"^\s*(?:[一二三四五六七八九十]+[、是]|[（(]|\d+[.．、]|第[一二三四五六七八九十百]+[章节条]|附件)"
)
PAGE_NUMBER = re.compile(r"^\s*[-—–－ ]*\d{1,4}[-—–－ ]*\s*$|^\s*第\s*\d+\s*页.{0,12}$")
SUPPORTED = "支持 txt、html、docx 和带文字层的 pdf。"


@dataclass
class Linear:
    """The linear text under construction and the places of its stretches."""

    parts: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    size: int = 0

    def add(self, text: str, kind: str, label: str, end: str = "\n", **at: int) -> None:
        if not text.strip() and kind != "cell":
            return
        self.places.append(Place(self.size, kind, label, **at))
        self.parts.append(text + end)
        self.size += len(text) + len(end)

    def source(self, name: str, kind: str, encoding: str = "") -> SourceText:
        text = "".join(self.parts)
        check_text(text, name)
        return SourceText.plain(name, kind, text, encoding=encoding, places=self.places)


def check_text(text: str, name: str) -> None:
    """Refuse an empty text and one above the limit."""
    if not text.strip():
        raise refuse(EmptyDocument, name, "文件里没有任何文字。", "the file has no text", remedy="请选择有正文的文件。")
    if len(text) > MAX_CHARS:
        raise refuse(
            TooLarge, name, f"正文有 {len(text)} 字，超过 {MAX_CHARS} 字的上限。", "the text is above the limit",
            value=len(text), remedy="请拆成几份后再导入。")  # fmt: skip


def load(data: bytes, name: str) -> SourceText:
    """The document in ``data`` as repaired :class:`SourceText`; raises a :class:`DocumentError` for anything unfit."""
    if not data:
        raise refuse(EmptyDocument, name, "文件是空的（0 字节）。", "the file is empty", value=0, remedy="请重新上传。")
    if len(data) > MAX_BYTES:
        raise refuse(
            TooLarge, name, f"文件有 {len(data) / 1048576:.1f} MB，超过 {MAX_BYTES // 1048576} MB 的上限。",
            "the file is above the limit", value=len(data), remedy="请拆分或压缩图片后再导入。")  # fmt: skip
    return repair(_loader(data, name)(data, name))


def _loader(data: bytes, name: str) -> Any:
    suffix = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if data.startswith(OLE):
        return load_ole
    if data.startswith(b"PK\x03\x04") or data.startswith(b"PK\x05\x06") or suffix == "docx":
        return load_docx
    if b"%PDF-" in data[:1024] or suffix == "pdf":
        return load_pdf
    if data.startswith(IMAGES) or data.startswith(PACKED):
        raise refuse(
            BinaryDocument, name, "这是图片或压缩包，不是文档。", "the file is an image or an archive",
            value=data[:4].hex(" "), remedy=SUPPORTED)  # fmt: skip
    if data.lstrip().startswith(b"{\\rtf"):
        raise refuse(
            OldOfficeFormat, name, "这是 RTF 文档，不能直接读取。", "the file is RTF", value="rtf", remedy=SUPPORTED
        )
    if suffix in ("html", "htm", "xhtml", "shtml") or HTML_HEAD.search(_head(data)):
        return load_html
    return load_plain


def _head(data: bytes) -> bytes:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data[:4096].decode("utf-16", "ignore").encode("utf-8", "ignore")
    return data[:2048]


def load_plain(data: bytes, name: str) -> SourceText:
    """A text file; offsets count code points of the decoded file with its line ends untouched."""
    found = decode(data, name)
    check_text(found.text, name)
    places, at = [], 0
    for number, line in enumerate(found.text.split("\n"), 1):
        places.append(Place(at, "line", f"第{number}行", row=number))
        at += len(line) + 1
    return SourceText.plain(name, "txt", found.text, encoding=found.encoding, places=places)


def load_ole(data: bytes, name: str) -> SourceText:
    """An OLE container is refused: an encrypted .docx, an old .doc, or something else; says which."""
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            names = {"/".join(entry) for entry in ole.listdir()}
    except Exception:
        names = set()
    if any("EncryptedPackage" in n for n in names):
        raise refuse(
            EncryptedDocument, name, "文档设有打开密码。", "the document is encrypted", value="EncryptedPackage",
            remedy="请去掉密码后另存再导入。")  # fmt: skip
    kind = "doc" if "WordDocument" in names else "xls" if "Workbook" in names or "Book" in names else "ole"
    raise refuse(
        OldOfficeFormat, name, "这是旧版 Office 文件，不能直接读取。", "the file is an old office format", value=kind,
        remedy="请用 Word 或 WPS 另存为 .docx 再导入。")  # fmt: skip


# ---------------------------------------------------------------- html
BLOCKS = {
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "option",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "title",
    "tr",
    "ul",
}
SILENT = {
    "script",
    "style",
    "noscript",
    "template",
    "head",
    "iframe",
    "object",
    "svg",
    "select",
    "button",
    "input",
    "textarea",
}


def load_html(data: bytes, name: str) -> SourceText:
    """An html page: one line per block, table cells separated by tabs."""
    from lxml import html

    text, encoding = _html_text(data, name)
    try:
        root = html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff")))
    except Exception as error:
        raise refuse(
            BrokenContainer, name, "网页内容无法解析。", f"html cannot be parsed: {error}", value=str(error)[:80],
            remedy="请在浏览器中另存为网页或复制为 txt 再导入。") from error  # fmt: skip
    linear = Linear()
    _walk(root, linear)
    return linear.source(name, "html", encoding)


def _html_text(data: bytes, name: str) -> tuple[str, str]:
    declared = META_CHARSET.search(data[:4096])
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        label = declared.group(1).decode("ascii", "replace").lower()
        label = "gb18030" if label in ("gb2312", "gbk", "gb_2312-80") else label
        try:
            return data.decode(label), label
        except (LookupError, UnicodeDecodeError):
            pass
    found = decode(data, name)
    return found.text, found.encoding


def _walk(root: Any, linear: Linear) -> None:
    """Iterative walk (pages may be nested thousands deep)."""
    buffer: list[str] = []
    count = {"p": 0, "table": 0}

    def flush() -> None:
        text = re.sub(r"[ \t\r\n\f]+", " ", "".join(buffer)).strip(" ")
        buffer.clear()
        if text:
            count["p"] += 1
            linear.add(text, "paragraph", f"第{count['p']}段", row=count["p"])

    stack: list[tuple[str, Any]] = [("open", root)]
    while stack:
        action, node = stack.pop()
        if action == "text":
            buffer.append(node)
            continue
        if action == "close":
            flush()
            continue
        tag = node.tag if isinstance(node.tag, str) else ""
        if node.tail:
            stack.append(("text", node.tail))
        if not tag or tag in SILENT:
            continue
        if tag == "br":
            flush()
            continue
        if tag == "table" and not node.xpath(".//table"):
            flush()
            count["table"] += 1
            _html_table(node, linear, count["table"])
            continue
        if tag in BLOCKS:
            flush()
            stack.append(("close", None))
        for child in reversed(list(node)):
            stack.append(("open", child))
        if node.text:
            stack.append(("text", node.text))


def _html_table(table: Any, linear: Linear, number: int) -> None:
    rows = [[re.sub(r"\s+", " ", c.text_content()).strip() for c in row.xpath("./td|./th")] for row in table.iter("tr")]
    add_table([r for r in rows if r], linear, number)


def add_table(rows: list[list[str]], linear: Linear, number: int) -> None:
    """Append a table: cells end with a tab, the last of a row with a line end; each cell is a place."""
    for r, row in enumerate(rows, 1):
        for c, cell in enumerate(row, 1):
            end = "\n" if c == len(row) else "\t"
            linear.add(cell, "cell", f"表{number}第{r}行第{c}列", end, table=number, row=r, column=c)


# ---------------------------------------------------------------- docx
def load_docx(data: bytes, name: str) -> SourceText:
    """A .docx: paragraphs and tables in their order."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(info.file_size for info in archive.infolist())
            members = set(archive.namelist())
    except Exception as error:
        raise _broken_docx(name, error) from error
    if unpacked > MAX_UNPACKED:
        raise refuse(
            TooLarge, name, "文档解压后过大。", "the document unpacks to more than the limit", value=unpacked,
            remedy="请删去大图片后再导入。")  # fmt: skip
    if "word/document.xml" not in members:
        what = "xlsx" if any(m.startswith("xl/") for m in members) else "zip"
        raise refuse(
            BinaryDocument, name, "这个压缩包里没有 Word 正文。", "the archive holds no Word document", value=what,
            remedy=SUPPORTED)  # fmt: skip
    linear = Linear()
    try:
        _docx_body(data, linear)
    except DocumentError:
        raise
    except Exception as error:
        raise _broken_docx(name, error) from error
    return linear.source(name, "docx")


def _docx_body(data: bytes, linear: Linear) -> None:
    import docx

    document = docx.Document(io.BytesIO(data))
    paragraphs = tables = 0
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            tables += 1
            add_table(list(_docx_rows(block)), linear, tables)
        else:
            paragraphs += 1
            linear.add(block.text, "paragraph", f"第{paragraphs}段", row=paragraphs)


def _docx_rows(table: Any) -> Iterator[list[str]]:
    for row in table.rows:
        cells, last = [], None
        for cell in row.cells:
            if cell._tc is last:
                continue
            last = cell._tc
            cells.append(re.sub(r"\s+", " ", cell.text).strip())
        yield cells


def _broken_docx(name: str, error: Exception) -> DocumentError:
    return refuse(
        BrokenContainer, name, "Word 文档已损坏，打不开。", f"docx cannot be opened: {type(error).__name__}",
        value=str(error)[:80], remedy="请用 Word 或 WPS 修复并另存后再导入。")  # fmt: skip


# ---------------------------------------------------------------- pdf
def load_pdf(data: bytes, name: str) -> SourceText:
    """The text layer of a pdf, page by page; wrapped lines are joined again."""
    import logging

    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        locked = reader.is_encrypted and not reader.decrypt("")
        pages = [] if locked else [page.extract_text() or "" for page in reader.pages]
    except Exception as error:
        if "rypt" in str(error) or "rypt" in type(error).__name__:
            locked = True
        else:
            raise refuse(
                BrokenContainer, name, "PDF 已损坏，打不开。", f"pdf cannot be opened: {type(error).__name__}",
                value=str(error)[:80], remedy="请重新导出 PDF 后再导入。") from error  # fmt: skip
    if locked:
        raise refuse(
            EncryptedDocument, name, "PDF 设有打开密码。", "the pdf is encrypted", value="Encrypt",
            remedy="请去掉密码后另存再导入。")  # fmt: skip
    if not any(p.strip() for p in pages):
        raise refuse(
            NoTextLayer, name, "PDF 是扫描件，没有文字层。", "the pdf has no text layer", value=len(pages),
            remedy="请先做文字识别（OCR），或换用 Word 原稿。")  # fmt: skip
    linear = Linear()
    for number, page in enumerate(pages, 1):
        for line in _reflow(page):
            linear.add(line, "page", f"第{number}页", row=number)
    return linear.source(name, "pdf")


def _reflow(page: str) -> list[str]:
    """Join the visual lines of a page into paragraphs: a full line without an end mark runs on."""
    lines = [line.strip() for line in page.splitlines() if line.strip() and not PAGE_NUMBER.match(line)]
    if not lines:
        return []
    width = max(len(line) for line in lines)
    out = [lines[0]]
    for before, line in zip(lines, lines[1:], strict=False):
        wraps = len(before) >= 0.75 * width and not ENDS_SENTENCE.search(before)
        if wraps and not NEW_PARAGRAPH.match(line):
            out[-1] += line
        else:
            out.append(line)
    return out
