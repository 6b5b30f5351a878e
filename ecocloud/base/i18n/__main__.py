"""``python -m ecocloud.base.i18n compile | missing [ROOM] | skeleton [ROOM]``."""

from __future__ import annotations

import argparse
import sys

from ecocloud.base.errors import EcoError
from ecocloud.base.i18n.catalogues import compile_catalogs
from ecocloud.base.i18n.messages import missing_translations, skeleton


def main(arguments: list[str] | None = None) -> int:
    """Run one of the three commands; 0 well, 1 something missing, 2 a wrong catalogue."""
    parser = argparse.ArgumentParser(prog="python -m ecocloud.base.i18n", description="Catalogues of translations.")
    parser.add_argument("command", choices=("compile", "missing", "skeleton"))
    parser.add_argument("room", nargs="?", default="", help="only rooms whose path starts with this, e.g. base or web")
    options = parser.parse_args(arguments)
    try:
        if options.command == "compile":
            print(f"{len(compile_catalogs())} catalogues compiled")
            return 0
        found = missing_translations()
    except EcoError as error:
        print(f"{error.sentence_zh()} / {error.message_en} {error.where}", file=sys.stderr)
        return 2
    messages = [message for room in sorted(found) if room.startswith(options.room) for message in found[room]]
    if options.command == "skeleton":
        print(skeleton(messages), end="")
        return 0
    for message in messages:
        print(f"{message.file}:{message.line}\t{message.msgid}")
    return 1 if messages else 0


if __name__ == "__main__":
    sys.exit(main())
