"""Working days: weekends, holidays and make-up workdays as published."""

from ecocloud.base.calendar.days import CalendarError, DayKind, WorkCalendar, YearFile

__all__ = ["CalendarError", "DayKind", "WorkCalendar", "YearFile"]
