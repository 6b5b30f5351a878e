"""Which language a page is shown in."""

from __future__ import annotations

DEFAULT_LANGUAGE = "zh-hans"
LANGUAGES = {"zh-hans": "中文", "en": "English"}


def choose_language(asked: str | None = None, stored: str | None = None) -> str:
    """The language of a page: ``asked`` for now (the switch), else ``stored`` (cookie or session), else Chinese.

    Unknown codes are passed over; the browser's Accept-Language has no say.
    """
    return next((code for code in (asked, stored) if code in LANGUAGES), DEFAULT_LANGUAGE)
