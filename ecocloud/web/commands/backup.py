"""``ecocloud backup FILE.tar``: one file that brings this installation back."""

from __future__ import annotations

import json
from pathlib import Path


def add_arguments(parser) -> None:
    """The file to write, and whether the keys go into it."""
    parser.add_argument("file", metavar="FILE.tar", help="new file; never overwritten")
    parser.add_argument("--with-keys", action="store_true", help="put the signing keys into the archive as well")
    parser.add_argument("--json", action="store_true", help="print what was written as JSON")


def run(args) -> int:
    """Write the archive while people work; exit code 1 when refused."""
    from ecocloud.web import backups

    target = Path(args.file).absolute()
    manifest = backups.write(target, backups.installation(), with_keys=args.with_keys)
    size = target.stat().st_size
    if args.json:
        found = {"bytes": size, "members": len(manifest.files), "links": manifest.links, "entries": manifest.entries}
        print(json.dumps(found | {"file": str(target), "with_keys": manifest.with_keys}, ensure_ascii=False))
        return 0
    keys = "含密钥，请离线保管" if manifest.with_keys else "不含密钥，请另行保管 keys 文件夹"
    print(f"已备份到 {target.name}：{size / 1e6:.1f} MB，留痕至链节 {manifest.links}（{keys}）。")
    return 0
