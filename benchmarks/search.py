"""Full-text search beside a plain SQL LIKE over the same documents.

``python benchmarks/search.py [--docs 100000]`` builds both from one fixed seed, asks the same words, checks that both
find the same number, prints medians and their ratio. Nothing is asserted about time.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

from ecocloud.base.search.index import SearchDoc, SearchIndex

_TEXT = (
    "推进 落实 生态文明 建设 河长制 林长制 流域 综合治理 水质 断面 达标 优良天数 比例 浓度 下降 植树 造林 修复 矿山 "
    "湿地 保护 农村 污水 处理 设施 覆盖率 垃圾 分类 绿色 发展 产业 能耗 强度 责任 考核 督察 整改 年底前 完成 牵头 单位"
)
WORDS = _TEXT.split()
RARE = ("古樟群", "候鸟廊道", "PM2.5", "赣江源")
QUERIES = (
    "生态文明",
    "河长制",
    "水质 达标",
    "古樟群",
    "候鸟廊道",
    "PM2.5",
    "植树造林",
    "水",
    "责任考核 赣江源",
    "没有这样的词语",
)


def documents(count: int):
    """Made-up texts of about 120 characters."""
    chance = random.Random(1)
    for number in range(count):
        body = "".join(chance.choices(WORDS, k=35))
        if chance.random() < 0.002:
            body += chance.choice(RARE)
        title = "".join(chance.choices(WORDS, k=5))
        yield SearchDoc(f"item:{number}", "item", title, body, scopes=[f"d{number % 60}"], year=2020 + number % 7)


def median(ask, repeat: int = 5) -> tuple[float, int]:
    """Median seconds and the answer of ``ask``."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        answer = ask()
        times.append(time.perf_counter() - start)
    return statistics.median(times), answer


def like(connection: sqlite3.Connection, query: str) -> int:
    """Count and first page by LIKE, as a plain page would do it."""
    words = query.split()
    where = " and ".join("(title like ? or body like ?)" for _ in words)
    values = [f"%{word}%" for word in words for _ in (0, 1)]
    connection.execute(f"select ref, title, body from doc where {where} order by ref limit 20", values).fetchall()
    return connection.execute(f"select count(*) from doc where {where}", values).fetchone()[0]


def main() -> None:
    """Build, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", type=int, default=100_000)
    count = parser.parse_args().docs
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "like.sqlite3")
        connection.execute("create table doc (ref text primary key, title text, body text)")
        start = time.perf_counter()
        connection.executemany("insert into doc values (?, ?, ?)", ((d.ref, d.title, d.body) for d in documents(count)))
        connection.commit()
        sql_build = time.perf_counter() - start
        index = SearchIndex(Path(folder) / "search")
        start = time.perf_counter()
        index.rebuild(documents(count))
        build = time.perf_counter() - start
        size = sum(file.stat().st_size for file in (Path(folder) / "search").rglob("*") if file.is_file())
        table = (Path(folder) / "like.sqlite3").stat().st_size
        print(
            f"{count} documents; build: index {build:.1f} s, table {sql_build:.1f} s; "
            f"size: index {size / 1e6:.0f} MB, table {table / 1e6:.0f} MB"
        )
        ratios = []
        for query in QUERIES:
            slow, expected = median(lambda q=query: like(connection, q))
            results = index.query(query)
            fast, found = median(lambda q=query: index.query(q).total)
            note = " (words apart)" if results.relaxed else "" if found == expected else f" LIKE finds {expected}"
            ratios.append(slow / fast)
            print(
                f"{query:<12}\t{found:>6} found\tindex {fast * 1e3:7.2f} ms\tLIKE {slow * 1e3:7.2f} ms\t"
                f"ratio {slow / fast:6.1f}{note}"
            )
        print(f"median ratio LIKE / index: {statistics.median(ratios):.1f}")
        one = SearchDoc("item:1", "item", "更新一条", "正文")
        once, _ = median(lambda: index.upsert([one]))
        print(f"one update with commit: {once * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
