"""What the web processes of one machine keep together."""

from __future__ import annotations

from django.core.cache.backends.filebased import FileBasedCache


class SharedFiles(FileBasedCache):
    """Small files under ``ECOCLOUD_HOME/cache`` that may be deleted at any time.

    Keys here are few and used again (a number of the frame for each person), so the folder is not searched for old
    files with every write, which would cost more than what is kept.
    """

    def _cull(self) -> None:
        """Nothing grows, nothing is culled."""
