"""What can be wrong with a document that is handed in: one type per reason, each one clear sentence."""

from __future__ import annotations

from typing import Any

from ecocloud.base.errors import EcoError


class DocumentError(EcoError):
    """Base of every refusal of a document; ``where`` always names the file."""

    code = "documents.unreadable"


class EmptyDocument(DocumentError):
    """The file has no bytes, or nothing but white space."""

    code = "documents.empty"


class BinaryDocument(DocumentError):
    """The file is not a text and not one of the office formats the reader knows."""

    code = "documents.binary"


class TooLarge(DocumentError):
    """The file or its text is above the stated limit."""

    code = "documents.too_large"


class BrokenContainer(DocumentError):
    """A .docx or .pdf that cannot be opened: cut off, damaged, or something else under that name."""

    code = "documents.broken"


class EncryptedDocument(DocumentError):
    """The file asks for a password."""

    code = "documents.encrypted"


class NoTextLayer(DocumentError):
    """A scanned pdf: pictures of pages without any text."""

    code = "documents.no_text_layer"


class OldOfficeFormat(DocumentError):
    """A Word 97-2003 .doc (OLE container) or another old office format."""

    code = "documents.old_office"


class WrongEncoding(DocumentError):
    """The bytes are text in no encoding that the reader accepts."""

    code = "documents.encoding"


class UnsafePackage(DocumentError):
    """A zip with names that point outside of it."""

    code = "documents.unsafe_package"


class AnnotationsUnreadable(DocumentError):
    """A folder of annotated documents is not whole."""

    code = "documents.annotations"


class FileUnreadable(DocumentError):
    """The path cannot be opened at all (command line only)."""

    code = "documents.file"


def refuse(
    kind: type[DocumentError], name: str, zh: str, en: str, *, value: Any = None, remedy: str, **where: Any
) -> DocumentError:
    """Build an error of ``kind`` about the file ``name``: ``zh``/``en`` say what, ``remedy`` what would be right."""
    return kind(zh, en, where={"文件": name, **where}, value=value, remedy_zh=remedy)
