"""``ecocloud backup FILE.tar``: one file that brings this installation back."""

from __future__ import annotations

import json
from pathlib import Path


def add_arguments(parser) -> None:
    """The file to write, whether the keys go into it and the measurements stay out of it."""
    parser.add_argument("file", metavar="FILE.tar", help="new file; never overwritten")
    parser.add_argument("--with-keys", action="store_true", help="put the signing keys into the archive as well")
    parser.add_argument("--without-lake", action="store_true", help="leave measurements and raw packets out")
    parser.add_argument("--json", action="store_true", help="print what was written as JSON")


def run(args) -> int:
    """Write the archive while people work; exit code 1 when refused."""
    from ecocloud.web import backups

    target = Path(args.file).absolute()
    manifest = backups.write(target, backups.installation(), with_keys=args.with_keys, with_lake=not args.without_lake)
    size = target.stat().st_size
    if args.json:
        found = {"bytes": size, "members": len(manifest.files), "links": manifest.links, "entries": manifest.entries}
        told = {"file": str(target), "with_keys": manifest.with_keys, "with_lake": manifest.with_lake}
        print(json.dumps(found | told, ensure_ascii=False))
        return 0
    keys = "含密钥，请离线保管" if manifest.with_keys else "不含密钥，请另行保管 keys 文件夹"
    print(f"已备份到 {target.name}：{size / 1e6:.1f} MB，留痕至链节 {manifest.links}（{keys}）。")
    if manifest.with_lake:
        number = sum(name.startswith("lake/") for name in manifest.files)
        print(f"含测量库和原始流水，{number} 个文件；报文按原样保存，其中有设备口令，请按密级保管。")
    else:
        print("不含测量库和原始流水：请另行备份 lake 文件夹，步骤见 docs/operations.md。")
    return 0
