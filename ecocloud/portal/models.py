"""The room's tables."""

from ecocloud.portal.reports.models import AlsoSeen, Report, ReportDesk, ReportPhoto, ReportStep

__all__ = ["AlsoSeen", "Report", "ReportDesk", "ReportPhoto", "ReportStep"]
