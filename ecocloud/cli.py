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


def _parser() -> tuple[argparse.ArgumentParser, dict[str, Command]]:
    parser = argparse.ArgumentParser(prog="ecocloud", description="EcoCloud 生态云")
    parser.add_argument("--version", action="version", version=f"ecocloud {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands: dict[str, Command] = {}
    for room in all_rooms():
        for command in room.commands:
            if command.name in commands:
                raise ValueError(f"command {command.name} is offered twice (room {room.name})")
            commands[command.name] = command
            sub = subparsers.add_parser(command.name, help=command.help, description=command.help)
            import_module(command.module).add_arguments(sub)
    return parser, commands


def main(argv: list[str] | None = None) -> int:
    """Run one sub-command; returns the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecocloud.web.settings")
    parser, commands = _parser()
    args = parser.parse_args(argv)
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
    except KeyboardInterrupt:
        print("已中断。", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
