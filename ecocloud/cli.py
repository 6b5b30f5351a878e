"""The ``ecocloud`` command: sub-commands come from the rooms' descriptors.

Exit codes: 0 done, 1 something was found wrong or refused, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from importlib import import_module

from ecocloud import __version__
from ecocloud.base.errors import EcoError
from ecocloud.base.rooms import Command, all_rooms


def _commands() -> dict[str, Command]:
    commands: dict[str, Command] = {}
    for room in all_rooms():
        for command in room.commands:
            if command.name in commands:
                raise ValueError(f"command {command.name} is offered twice (room {room.name})")
            commands[command.name] = command
    return commands


def _parser(commands: dict[str, Command], chosen: str = "") -> argparse.ArgumentParser:
    """The parser; only the chosen command's module is imported for its arguments (all of them without a choice)."""
    parser = argparse.ArgumentParser(prog="ecocloud", description="EcoCloud 生态云")
    parser.add_argument("--version", action="version", version=f"ecocloud {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    for command in commands.values():
        sub = subparsers.add_parser(command.name, help=command.help, description=command.help)
        if chosen in ("", command.name):
            import_module(command.module).add_arguments(sub)
    return parser


def _lacks_tables(error: Exception) -> bool:
    """Whether a database says that a table or column is not there (SQLite and PostgreSQL word it differently)."""
    kinds = {"OperationalError", "ProgrammingError"}
    text = str(error)
    missing = "no such table" in text or "no such column" in text or "does not exist" in text
    return type(error).__module__.startswith("django.db") and type(error).__name__ in kinds and missing


def main(argv: list[str] | None = None) -> int:
    """Run one sub-command; returns the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecocloud.web.settings")
    words = sys.argv[1:] if argv is None else argv
    commands = _commands()
    # "-" is no command: help and usage need no command's arguments.
    parser = _parser(commands, next((word for word in words if not word.startswith("-")), "-"))
    args = parser.parse_args(words)
    if not args.command:
        parser.print_help()
        return 2
    command = commands[args.command]
    if command.needs_django:
        import django

        django.setup()
    try:
        return import_module(command.module).run(args) or 0
    except EcoError as error:
        if getattr(args, "json", False):
            print(json.dumps(error.as_dict(), ensure_ascii=False))
        print(error.sentence_zh(), file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0
    except Exception as error:
        if not _lacks_tables(error):
            raise
        print("数据库中还没有所需的数据表，或其版本较旧。请先运行 ecocloud setup 或 ecocloud up。", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("已中断。", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
