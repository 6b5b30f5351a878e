"""Keys live in files outside the database, readable by the owner only."""

import os
import secrets
from pathlib import Path


def read_or_create(path: Path) -> str:
    """The key kept in ``path``; a new random one (384 bits) is written first when there is none.

    Two processes starting at once agree: the file is created exclusively and the loser reads the winner's.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(secrets.token_urlsafe(48))
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return path.read_text(encoding="ascii").strip()
