"""``ecocloud user``: accounts from the machine's own command line."""

from __future__ import annotations

import argparse
import json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``list``, ``create``, ``reset``."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="列出账号")
    listing.add_argument("--role", default="", help="只列此角色（代码）")
    create = actions.add_parser("create", help="新建账号，打印一次生成的密码")
    create.add_argument("username")
    create.add_argument("name")
    create.add_argument("--role", action="append", default=[], help="角色代码，可重复")
    create.add_argument("--department", default="", help="单位名称、简称或代码")
    create.add_argument("--region", default="", help="识别单位名称所用的区划代码")
    create.add_argument("--service", action="store_true", help="对接账号：没有密码，只用接口密钥（见 ecocloud keys）")
    reset = actions.add_parser("reset", help="重置密码并解除锁定，打印一次新密码")
    reset.add_argument("username")
    reset.add_argument("--device", action="store_true", help="同时移除动态口令设备")
    for action in (listing, create, reset):
        action.add_argument("--json", action="store_true", help="输出 JSON")


def run(args: argparse.Namespace) -> int:
    """Do the chosen action; the exit code is 0 when it was done."""
    return {"list": _list, "create": _create, "reset": _reset}[args.action](args)


def _print(args: argparse.Namespace, data: object, text: str) -> None:
    print(json.dumps(data, ensure_ascii=False) if args.json else text)


def _list(args: argparse.Namespace) -> int:
    from ecocloud.kernel.regions.models import User

    people = User.objects.select_related("department").prefetch_related("grants__role").order_by("username")
    if args.role:
        people = people.filter(grants__role__code=args.role)
    rows = [
        {
            "username": person.username,
            "name": person.name,
            "department": person.department.name if person.department else "",
            "roles": [grant.role.code for grant in person.grants.all()],
            "active": person.is_active,
        }
        for person in people
    ]
    lines = [
        f"{row['username']:<20} {row['name']} {row['department']} {','.join(row['roles'])}"
        f"{'' if row['active'] else ' （已停用）'}"
        for row in rows
    ]
    _print(args, rows, "\n".join(lines) or "没有账号。")
    return 0


def _department(args: argparse.Namespace):
    from ecocloud.base.errors import EcoError
    from ecocloud.kernel.regions import queries
    from ecocloud.kernel.regions.models import Department
    from ecocloud.kernel.regions.resolution import resolve_unit

    if not args.department:
        return None
    found = list(Department.objects.filter(code=args.department) or queries.in_force().filter(name=args.department)[:2])
    if not found and args.region:
        match = resolve_unit(args.department, queries.region_by_code(args.region))
        found = list(match.departments)
    if len(found) != 1:
        raise EcoError(
            "单位不存在或不唯一。",
            f"department {args.department!r} gives {len(found)} matches",
            value=args.department,
            remedy_zh="请用单位代码或全称。",
        )
    return found[0]


def _create(args: argparse.Namespace) -> int:
    from ecocloud.base.errors import EcoError
    from ecocloud.kernel.journal.services import change
    from ecocloud.kernel.regions import services
    from ecocloud.kernel.regions.models import Role

    services.sync_roles()
    known = set(Role.objects.values_list("code", flat=True))
    wrong = [role for role in args.role if role not in known]
    if wrong:
        raise EcoError(
            "没有这个角色。", f"unknown role {wrong}", value=wrong[0], remedy_zh=f"可用：{'、'.join(sorted(known))}。"
        )
    with change(services.CONSOLE.actor()):
        person, password = services.create_account(
            services.CONSOLE, username=args.username, name=args.name, department=_department(args),
            service=args.service,
        )  # fmt: skip
        for role in args.role:
            services.grant_role(services.CONSOLE, person, role)
    if args.service:
        _print(args, {"username": person.username}, f"对接账号 {person.username} 已建立。")
        return 0
    _print(
        args,
        {"username": person.username, "password": password},
        f"账号 {person.username} 已建立，密码（只显示这一次）：{password}",
    )
    return 0


def _reset(args: argparse.Namespace) -> int:
    from ecocloud.base.errors import EcoError
    from ecocloud.kernel.regions import services
    from ecocloud.kernel.regions.models import User

    person = User.objects.filter(username=args.username).first()
    if person is None:
        raise EcoError("没有这个账号。", f"no account {args.username!r}", value=args.username, remedy_zh="请核对账号。")
    password = services.reset_password(services.CONSOLE, person)
    if args.device:
        services.remove_device(services.CONSOLE, person)
    _print(
        args,
        {"username": person.username, "password": password},
        f"账号 {person.username} 的新密码（只显示这一次）：{password}",
    )
    return 0
