"""Two languages: compile catalogues, find texts without English, choose the language."""

from ecocloud.base.i18n.catalogues import CatalogueError, compile_catalogs, locale_paths
from ecocloud.base.i18n.language import DEFAULT_LANGUAGE, LANGUAGES, choose_language
from ecocloud.base.i18n.messages import (
    Message,
    complete_rooms,
    extract_messages,
    missing_translations,
    unreadable_calls,
)

__all__ = [
    "CatalogueError",
    "DEFAULT_LANGUAGE",
    "LANGUAGES",
    "Message",
    "choose_language",
    "compile_catalogs",
    "complete_rooms",
    "extract_messages",
    "locale_paths",
    "missing_translations",
    "unreadable_calls",
]
