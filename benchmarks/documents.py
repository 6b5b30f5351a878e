"""Reading policy documents beside a plain regex extractor and a dictionary extractor, on the same texts.

``python benchmarks/documents.py [--texts DIR]`` reads the own corpus (or all .txt of DIR) with each of the three,
scores them against the annotations of the own corpus, and prints CPU time, documents a minute, peak memory, and how
the time grows with the length of a text up to 1,000,000 bytes. Nothing is asserted about time.
"""

from __future__ import annotations

import argparse
import re
import resource
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ecocloud.intake.documents.annotated import Annotated, load_set
from ecocloud.intake.documents.lexicon import any_of, measures, organisations, project_words
from ecocloud.intake.documents.read import read_document
from ecocloud.intake.documents.scoring import ALL, score_all

CORPUS = Path(__file__).parents[1] / "tests" / "intake" / "documents" / "corpus"
Extract = Callable[[bytes, str], list[dict[str, Any]]]
NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*([万亿]?(?:元|亩|米|吨|个|家|座|条|项|公里|平方米|千瓦|人次?)|%|个?百分点)")
ITEM = re.compile(r"^(\d{1,2})[.、](.+)$", re.MULTILINE)
UNIT = re.compile(r"[市县区][\u4e00-\u9fff]{1,8}?(?:局|委|办|院)(?=[、，；）,;)])")


def engine(data: bytes, name: str) -> list[dict[str, Any]]:
    """The reader of the product."""
    return read_document(data, name).records()


def by_regex(data: bytes, name: str) -> list[dict[str, Any]]:
    """What a handful of patterns finds: numbers with units and the words before, numbered lines, names of units."""
    text, doc = data.decode("utf-8"), name.split("_")[0]
    meant = "target" if "要点" in name or "方案" in name else "actual"
    out = []
    for match in NUMBER.finditer(text):
        before = re.search(r"[\u4e00-\u9fffA-Z.\d]{0,12}$", text[max(0, match.start() - 12) : match.start()])
        out.append(_record(text, doc, "figure", match.start(), match.end(), value=float(match.group(1)),
                           unit=match.group(2), indicator=before.group() if before else "",
                           qualifier=[meant], period="2025"))  # fmt: skip
    for match in ITEM.finditer(text):
        units = [{"name": u.group(), "role": "负责"} for u in UNIT.finditer(match.group())]
        out.append(_record(text, doc, "task", match.start(), match.end(), path=match.group(1), units=units))
    return out


def by_dictionary(data: bytes, name: str) -> list[dict[str, Any]]:
    """What looking up words finds: the units of measure, ends of unit names and heads of projects of the word lists."""
    text, doc = data.decode("utf-8"), name.split("_")[0]
    lists = measures()
    units = any_of([*(u for group in lists.physical.values() for u in group), *lists.counters])
    out = []
    for match in re.finditer(rf"([\u4e00-\u9fff]{{2,12}}?)(?:达到|为|达)?(\d+(?:\.\d+)?)([万亿]?{units})", text):
        out.append(_record(text, doc, "figure", match.start(), match.end(), value=float(match.group(2)),
                           unit=match.group(3), indicator=match.group(1), qualifier=["actual"]))  # fmt: skip
    ends = any_of(organisations().suffixes)
    for match in re.finditer(r"[^\n]+", text):
        found = re.findall(rf"[市县区][\u4e00-\u9fff]{{0,8}}?{ends}", match.group())
        if found:
            names = [{"name": n, "role": "负责"} for n in found]
            out.append(_record(text, doc, "task", match.start(), match.end(), path="", units=names))
    heads = any_of([w for group in project_words().heads.values() for w in group])
    for match in re.finditer(rf"[\u4e00-\u9fff]{{2,10}}?{heads}", text):
        out.append(_record(text, doc, "project", match.start(), match.end(), name=match.group()))
    return out


def _record(text: str, doc: str, kind: str, start: int, end: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"{kind}{start}",
        "doc": doc,
        "kind": kind,
        "start": start,
        "end": end,
        "quote": text[start:end],
        **more,
    }


WAYS: dict[str, Extract] = {"engine": engine, "regex": by_regex, "dictionary": by_dictionary}
REPEATED = ("12万余户", "由6%提高到15%", "位居全省第一", "(县水利局", "一是", "1.", "《", "“", "分别3、4%、")
SHOWN = (("figure", "base"), ("figure", "+indicator"), ("figure", "strict"), ("task", "base"), ("task", "strict"),
         ("project", "base"), ("mechanism", "base"))  # fmt: skip


def cpu(way: Extract, files: Iterable[tuple[bytes, str]], repeat: int = 5) -> float:
    """Least CPU seconds of ``repeat`` passes over the files, after one pass to warm up."""
    files = list(files)
    times = []
    for _ in range(repeat + 1):
        start = time.process_time()
        for data, name in files:
            way(data, name)
        times.append(time.process_time() - start)
    return min(times[1:])


def scores(way: Extract, documents: list[Annotated]) -> dict[tuple[str, str], float]:
    """F1 by kind and level over the annotated documents."""
    texts = {d.doc: d.path.open(encoding="utf-8", newline="").read() for d in documents}
    made = [{**r, "doc": d.doc} for d in documents for r in way(d.path.read_bytes(), d.path.name)]
    counts = score_all([r for d in documents for r in d.gold], made, texts, {d.doc: d.ranges for d in documents})
    return {(kind, level): counts[ALL, kind][level].f1 for kind, level in SHOWN}


def peak() -> float:
    """Peak memory of this process, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def long_text(files: list[tuple[bytes, str]], size: int) -> bytes:
    """A text of about ``size`` bytes: the texts one after the other, as often as needed, cut at a line."""
    whole = b"\n".join(data for data, _ in files) + b"\n"
    data = (whole * (size // len(whole) + 1))[:size]
    return data[: data.rfind(b"\n") + 1]


def main() -> None:
    parser = argparse.ArgumentParser(description="Reading policy documents: speed, memory, scores.")
    parser.add_argument("--texts", metavar="DIR", help="time the .txt files of DIR instead of the own corpus")
    args = parser.parse_args()
    halves = {half: load_set(CORPUS / half) for half in ("open", "frozen") if (CORPUS / half).is_dir()}
    paths = sorted(Path(args.texts).glob("*.txt")) if args.texts else [d.path for h in halves.values() for d in h]
    files = [(p.read_bytes(), p.name) for p in paths]
    if not files:
        sys.exit("no texts")
    print(f"{len(files)} texts, {sum(len(d) for d, _ in files):,} bytes; memory at start {peak():.0f} MB")
    for name, way in WAYS.items():
        seconds = cpu(way, files)
        print(f"{name:11s} {seconds:7.3f} s CPU, {len(files) / seconds * 60:8.0f} documents a minute, {peak():.0f} MB")
    print(f"\n{'F1':24s}" + "".join(f"{name:>12s}" for name in WAYS))
    for half, documents in halves.items():
        found = {name: scores(way, documents) for name, way in WAYS.items()}
        for kind, level in SHOWN:
            print(f"{half:8s}{kind:10s}{level:12s}"[:30] + "".join(f"{found[n][kind, level]:10.3f}  " for n in WAYS))
    print("\none long text (engine)")
    last = None
    for size in (125_000, 250_000, 500_000, 1_000_000):
        data = long_text(files, size)
        seconds = cpu(engine, [(data, "long_要点.txt")], repeat=1)
        growth = f", {seconds / last:.2f} times the half" if last else ""
        print(f"  {size:>9,} bytes {seconds:6.2f} s CPU, {seconds / size * 1e6:5.2f} s a million bytes{growth}")
        last = seconds
    print("\none piece repeated (engine)")
    for piece in REPEATED:
        small, large = (cpu(engine, [((piece * (n // len(piece))).encode(), "a.txt")], 3) for n in (2_000, 20_000))
        print(f"  {piece:12s} {large * 1000:8.1f} ms CPU, {large / small:5.2f} times a tenth of it")
    print(f"peak {peak():.0f} MB")


if __name__ == "__main__":
    main()
