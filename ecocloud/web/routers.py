"""Which database a table lives in."""

from django.conf import settings


class SessionRouter:
    """Sessions go to their own database file on SQLite, so that signing in never waits for a business write."""

    def _alias(self) -> str | None:
        return "sessions" if "sessions" in settings.DATABASES else None

    def db_for_read(self, model, **hints):
        """The session database for sessions, no opinion otherwise."""
        return self._alias() if model._meta.app_label == "sessions" else None

    db_for_write = db_for_read

    def allow_migrate(self, db, app_label, model_name=None, **hints):
        """Sessions migrate only into their own file, everything else only into the default database."""
        if "sessions" not in settings.DATABASES:
            return None
        return (db == "sessions") == (app_label == "sessions")
