"""``ecocloud demo``: the sample site, ready to look at."""

from __future__ import annotations

import json
import sys

from ecocloud.web.commands import up


def add_arguments(parser) -> None:
    """Port, and whether to serve at all."""
    parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1 (default 8000)")
    parser.add_argument("--no-serve", action="store_true", help="prepare everything, serve nothing")
    parser.add_argument("--alone", action="store_true", help="web and worker only, no gateway and no simulated devices")
    parser.add_argument("--json", action="store_true", help="print the new accounts as one line of JSON")


def run(args) -> int:
    """Migrate, load the sample site once, print one sign-in per role, serve."""
    from ecocloud.web import installation

    installation.migrate()
    accounts = [] if installation.sample_loaded() else installation.load_sample(progress=sys.stderr.isatty())
    if args.json:
        print(json.dumps({"accounts": [account._asdict() for account in accounts]}, ensure_ascii=False))
    elif not accounts:
        print("样例站点已就绪。密码只在首次显示；遗失时运行：ecocloud user reset 用户名")
    else:
        print("\n样例站点已装入。以下密码由系统随机生成，只显示这一次：\n")
        print(f"  {'角色':<14}\t用户名\t\t密码")
        for account in accounts:
            print(f"  {account.label:<14}\t{account.username:<12}\t{account.password}")
        print()
    if args.no_serve:
        return 0
    print(f"请打开 http://127.0.0.1:{args.port}/ （Ctrl-C 停止）", flush=True)
    return up.serve("127.0.0.1", args.port, workers=2, demo=True, alone=args.alone)
