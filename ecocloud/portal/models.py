"""The room's tables."""

from ecocloud.portal.consulting.models import Comment, Consultation
from ecocloud.portal.disclosure.models import Publication
from ecocloud.portal.reports.models import AlsoSeen, Report, ReportDesk, ReportPhoto, ReportStep

__all__ = [
    "AlsoSeen", "Comment", "Consultation", "Publication", "Report", "ReportDesk", "ReportPhoto", "ReportStep",
]  # fmt: skip
