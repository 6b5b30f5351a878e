"""Uploaded files: what they are, whether they may come in, and where their bytes are kept."""

from ecocloud.base.files.checks import CheckedUpload, check_upload
from ecocloud.base.files.kinds import FileKind, sniff

__all__ = ["CheckedUpload", "FileKind", "check_upload", "sniff"]
