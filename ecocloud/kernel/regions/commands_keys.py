"""``ecocloud keys``: API keys from the machine's own command line."""

from __future__ import annotations

import argparse
import json
from datetime import date, timedelta


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``list``, ``create``, ``revoke``."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="列出密钥（不含原文）")
    listing.add_argument("--all", action="store_true", help="也列已停用和已到期的")
    create = actions.add_parser("create", help="新建密钥，打印一次原文")
    create.add_argument("username", help="账号")
    create.add_argument("name", help="用途")
    create.add_argument("scopes", nargs="+", help="范围，如 registers:read、registers/outfall:write")
    create.add_argument("--days", type=int, default=180, help="有效天数（最多 366）")
    create.add_argument("--per-minute", type=int, default=120, help="每分钟次数")
    revoke = actions.add_parser("revoke", help="停用密钥")
    revoke.add_argument("head", help="密钥的标识（eco_ 后的十位）")
    revoke.add_argument("reason", help="理由")
    for action in (listing, create, revoke):
        action.add_argument("--json", action="store_true", help="输出 JSON")


def run(args: argparse.Namespace) -> int:
    """Do the chosen action; the exit code is 0 when it was done."""
    data, text = {"list": _list, "create": _create, "revoke": _revoke}[args.action](args)
    print(json.dumps(data, ensure_ascii=False) if args.json else text)
    return 0


def _list(args: argparse.Namespace) -> tuple[object, str]:
    from ecocloud.kernel.regions.models import ApiKey

    rows = [
        {
            "head": key.head, "name": key.name, "username": key.user.username, "scopes": key.scopes,
            "expires_on": key.expires_on.isoformat(), "in_force": key.in_force(),
            "last_used_at": key.last_used_at.isoformat() if key.last_used_at else None,
        }
        for key in ApiKey.objects.select_related("user")
        if args.all or key.in_force()
    ]  # fmt: skip
    lines = [
        f"{row['head']}  {row['username']:<16} {row['name']}  {','.join(row['scopes'])}  至 {row['expires_on']}"
        f"{'' if row['in_force'] else ' （无效）'}"
        for row in rows
    ]
    return rows, "\n".join(lines) or "没有密钥。"


def _create(args: argparse.Namespace) -> tuple[object, str]:
    from django.utils import timezone

    from ecocloud.base.errors import EcoError
    from ecocloud.kernel.regions import services
    from ecocloud.kernel.regions.models import User

    owner = User.objects.filter(username=args.username).first()
    if owner is None:
        raise EcoError("没有这个账号。", f"no account {args.username!r}", value=args.username,
                       remedy_zh="对接账号用 ecocloud user create --service 新建。")  # fmt: skip
    last: date = timezone.localdate() + timedelta(days=args.days)
    key, token = services.issue_key(
        services.CONSOLE, owner, name=args.name, scopes=args.scopes, expires_on=last, per_minute=args.per_minute
    )
    data = {"head": key.head, "key": token, "expires_on": last.isoformat()}
    return data, f"密钥 {key.head} 已建立，至 {last}（只显示这一次）：{token}"


def _revoke(args: argparse.Namespace) -> tuple[object, str]:
    from ecocloud.base.errors import EcoError
    from ecocloud.kernel.regions import services
    from ecocloud.kernel.regions.models import ApiKey

    key = ApiKey.objects.filter(head=args.head).first()
    if key is None:
        raise EcoError(
            "没有这个密钥。", f"no key {args.head!r}", value=args.head, remedy_zh="请用 ecocloud keys list 核对。"
        )
    services.revoke_key(services.CONSOLE, key, reason=args.reason)
    return {"head": key.head, "revoked": True}, f"密钥 {key.head} 已停用。"
