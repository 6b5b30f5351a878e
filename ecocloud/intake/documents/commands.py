"""``ecocloud read FILE... [--out DIR] [--tables DIR] [--why] [--json]``: read policy documents without a database.

Exit codes: 0 all files read, 1 some files refused (each with one sentence), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ecocloud.base.errors import EcoError
from ecocloud.intake.documents.examining import as_data, findings_of, questions_text, write_tables
from ecocloud.intake.documents.explaining import why
from ecocloud.intake.documents.folder import READ, REFUSED, SAME, FolderReader, files_below, read_limited
from ecocloud.intake.documents.output import FILES, json_lines, summary, why_text
from ecocloud.intake.documents.read import read_document
from ecocloud.intake.documents.records import Reading

OK, SOME_REFUSED, USAGE = 0, 1, 2
HELP_ZH = "读取政策文件：任务、责任单位、期限、数据、项目、机制"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``ecocloud read``."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="txt, html, docx, xlsx, 带文字层的 pdf, zip 或文件夹")
    parser.add_argument("--out", metavar="DIR", help="写出 {doc}.tasks.jsonl、figures、projects、mechanisms")
    parser.add_argument("--tables", metavar="DIR", help="写出任务分解表、目标指标表（.xlsx 和 .docx）")
    parser.add_argument("--resume", action="store_true", help="文件夹：接着上次中断的地方读，已有结果的不重读")
    parser.add_argument("--why", action="store_true", help="说明每条记录由哪些规则得出、继承了什么")
    parser.add_argument("--json", action="store_true", help="在标准输出打印 JSON")


def read_path(path: str) -> Reading:
    """Read one path; raises EcoError for everything that keeps it from being read."""
    data = read_limited(Path(path), path)
    return read_document(data, Path(path).name)


def _write(reading: Reading, folder: Path) -> None:
    lists = {
        "tasks": reading.tasks,
        "figures": reading.figures,
        "projects": reading.projects,
        "mechanisms": reading.mechanisms,
    }
    for kind in FILES:
        (folder / f"{reading.doc}.{kind}.jsonl").write_text(json_lines(lists[kind]), "utf-8")


def writable(folder: Path) -> bool:
    """Whether the folder is there or could be made; says why not."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"输出文件夹 {folder} 无法建立：{error.strerror or error}", file=sys.stderr)
        return False
    return True


def _as_data(reading: Reading, reasons: bool) -> dict[str, Any]:
    """The reading with its questions for ``--json``; ``reasons`` adds why each record reads as it does."""
    if reasons:
        for record in reading.records():
            record["why"] = why(record, reading.document, reading.tasks)
    return {**reading.as_dict(), "questions": [as_data(finding) for finding in findings_of(reading)]}


def run(args: argparse.Namespace) -> int:
    """Carry out the command; returns the exit code."""
    folder = Path(args.out) if args.out else None
    tables = Path(args.tables) if args.tables else None
    if not all(writable(one) for one in (folder, tables) if one is not None):
        return USAGE
    if any(Path(path).is_dir() for path in args.files):
        return _run_folder(args, folder)
    if args.resume:
        print("--resume 只用于读文件夹。", file=sys.stderr)
        return USAGE
    total, refused, results = len(args.files), 0, []
    seen: dict[str, str] = {}
    for number, path in enumerate(args.files, 1):
        if total > 1 and sys.stderr.isatty():
            print(
                f"\r[{number}/{total}] {Path(path).name[:50]:<50}", end="\n" if number == total else "", file=sys.stderr
            )
        try:
            reading = read_path(path)
            if folder is not None:
                if reading.doc in seen:
                    print(
                        f"提示：{path} 与 {seen[reading.doc]} 的编号同为 {reading.doc}，后者覆盖前者。", file=sys.stderr
                    )
                seen[reading.doc] = path
                _write(reading, folder)
            names = write_tables(reading, tables) if tables is not None else []
        except EcoError as error:
            refused += 1
            print(error.sentence_zh(), file=sys.stderr)
            results.append({"file": path, "error": error.as_dict()})
            continue
        except OSError as error:
            refused += 1
            print(f"{path}：结果写不出去（{error.strerror or error}）。", file=sys.stderr)
            continue
        if args.json:
            results.append({"file": path, **_as_data(reading, args.why)})
        elif folder is not None:
            c = reading.counts()
            print(
                f"{path}：任务 {c['tasks']}，数据 {c['figures']}，项目 {c['projects']}，"
                f"机制 {c['mechanisms']} → {folder}"
            )
        elif tables is None:
            reasons = why_text(reading) if args.why else ""
            text = "\n".join(filter(None, (summary(reading), questions_text(findings_of(reading)), reasons)))
            print(text + ("\n" if number < total else ""))
        if tables is not None and not args.json:
            print(f"{path}：{'、'.join(names)} → {tables}")
    if args.json:
        print(json.dumps(results, ensure_ascii=False, indent=1))
    return SOME_REFUSED if refused else OK


def _run_folder(args: argparse.Namespace, out: Path | None) -> int:
    """Read every file below a folder; a line of progress each hundred documents (each one on a terminal)."""
    if len(args.files) > 1 or out is None or args.json:
        print("文件夹一次读一个，须用 --out 指定结果文件夹，不能用 --json。", file=sys.stderr)
        return USAGE
    root = Path(args.files[0])
    if out.resolve() == root.resolve() or root.resolve() in out.resolve().parents:
        print("结果文件夹不能在要读的文件夹里面。", file=sys.stderr)
        return USAGE
    reader = FolderReader(root, out, resume=args.resume)
    paths = files_below(root)
    waiting = reader.waiting(paths)
    before = len(paths) - len(waiting)
    if before:
        print(f"接着读：{before} 份已有结果，还有 {len(waiting)} 份。", file=sys.stderr)
    live = sys.stderr.isatty()
    for number, outcome in enumerate(reader.run(waiting), before + 1):
        if outcome.outcome == REFUSED:
            print(outcome.sentence, file=sys.stderr)
        if live or number % 100 == 0:
            end = "\r" if live else "\n"
            print(f"[{number}/{len(paths)}] {outcome.path[-50:]:<50}", end=end, file=sys.stderr, flush=True)
    table = reader.write_table()
    c = reader.counts()
    print(
        f"共 {len(reader.done)} 份：读取 {c[READ]}（其中另一版本 {c['versions']}），重复 {c[SAME]}，"
        f"未能读取 {c[REFUSED]} → {table}"
    )
    return SOME_REFUSED if c[REFUSED] else OK


def main(argv: list[str] | None = None) -> int:
    """Entry of ``python -m ecocloud.intake.documents.commands``."""
    parser = argparse.ArgumentParser(prog="ecocloud read", description=HELP_ZH)
    add_arguments(parser)
    return run(parser.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
