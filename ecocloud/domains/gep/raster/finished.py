"""Whether a folder holds a whole result. Needs no library of the engine."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ecocloud.domains.gep.errors import GepError


class ResultError(GepError):
    """There is no whole result, or it does not hold what is asked of it."""

    code = "gep.result"


def whole(folder: Path) -> tuple[dict[str, Any], bytes]:
    """What ``result.json`` in a folder says, and the table of sums that belongs to it. Raises :class:`ResultError` when
    there is none or the table is another's.
    """
    try:
        told = json.loads((folder / "result.json").read_text("utf-8"))
        table = (folder / "sums.csv").read_bytes()
        known = hashlib.sha256(table).hexdigest() == told["sums_sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ResultError(f"{folder} 里没有完整的结果。", f"no result in {folder}", value=str(folder),
                          remedy_zh="请先运行 ecocloud gep run。") from error  # fmt: skip
    if not known:
        raise ResultError("sums.csv 在核算后被改动。", "sums.csv was changed after the run",
                          where={"文件": str(folder)}, remedy_zh="请重新运行。")  # fmt: skip
    return told, table
