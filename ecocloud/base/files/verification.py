"""Whether every stored file is still what was uploaded."""

from __future__ import annotations

from collections.abc import Callable

from ecocloud.base.files import storage
from ecocloud.base.files.models import StoredFile
from ecocloud.base.files.services import store_root


def verify_files(progress: Callable[[int, int], None] | None = None, *, rehash: bool = True) -> list[str]:
    """Sentences about stored files that are missing, of another size or altered; empty when all is well.

    Parameters: ``progress(done, total)`` is called for every content; ``rehash=False`` compares sizes only.
    Contents without a row (an upload killed between disk and database) are harmless and not reported.
    """
    contents = StoredFile.objects.order_by("sha256").values("sha256", "sm3", "size", "path").distinct()
    total = contents.count()
    faults = []
    for done, row in enumerate(contents.iterator(), 1):
        fault = _fault(row, rehash)
        if fault:
            names = StoredFile.objects.filter(sha256=row["sha256"]).values_list("name", flat=True)
            faults.append(f"附件 {'、'.join(sorted(set(names)))}（{row['sha256'][:12]}）{fault}")
        if progress:
            progress(done, total)
    return faults


def _fault(row: dict, rehash: bool) -> str:
    place = store_root() / row["path"]
    try:
        size = place.stat().st_size
        if size != row["size"]:
            return f"大小是 {size} 字节，应为 {row['size']} 字节。"
        if not rehash:
            return ""
        with open(place, "rb") as stream:
            sha256, sm3, _ = storage.digests(stream)
    except FileNotFoundError:
        return "的内容不在存放位置。"
    except OSError as error:
        return f"的内容读不出：{error.strerror}。"
    if sha256 != row["sha256"] or (row["sm3"] and sm3 and sm3 != row["sm3"]):
        return "的内容与上传时不一致，可能被改动。"
    return ""
