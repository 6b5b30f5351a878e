"""公文: .docx papers laid out as GB/T 9704-2012 asks, with their figures' sources."""

from ecocloud.base.officedocs.document import GbDocument, Run, Source
from ecocloud.base.officedocs.reading import docx_text

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
__all__ = ["DOCX_TYPE", "GbDocument", "Run", "Source", "docx_text"]
