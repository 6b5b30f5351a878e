"""Why a file was refused: one type for each reason."""

from ecocloud.base.errors import EcoError


class FileRefused(EcoError):
    """Base of every refusal of a file."""

    code = "files.refused"


class EmptyFile(FileRefused):
    """The file has no bytes."""

    code = "files.empty"


class FileTooBig(FileRefused):
    """The file is larger than the limit."""

    code = "files.too_big"
    http_status = 413


class KindNotAllowed(FileRefused):
    """The file is of a kind that is not taken here."""

    code = "files.kind"


class NameMismatch(FileRefused):
    """The extension says one kind, the content is another."""

    code = "files.name_mismatch"


class ArchiveTooDense(FileRefused):
    """The archive unpacks to far more than it should."""

    code = "files.archive"


class MacroEnabled(FileRefused):
    """The file carries macros."""

    code = "files.macro"


class EncryptedFile(FileRefused):
    """The file is protected by a password."""

    code = "files.encrypted"


class DamagedFile(FileRefused):
    """The file cannot be opened although its beginning looks right."""

    code = "files.damaged"


class StoredFileMissing(EcoError):
    """The bytes of a stored file are not where they should be."""

    code = "files.missing"
    http_status = 410
