"""公文: .docx papers laid out as GB/T 9704-2012 asks, with their figures' sources."""

from ecocloud.base.officedocs.document import GbDocument, Run, Source
from ecocloud.base.officedocs.reading import docx_text

__all__ = ["GbDocument", "Run", "Source", "docx_text"]
