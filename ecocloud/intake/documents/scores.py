"""``ecocloud scores DIR...``: how well the engine reads documents that people annotated, and how sure it may be.

Exit codes: 0 printed, 1 a folder could not be used, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from ecocloud.base.errors import EcoError
from ecocloud.intake.documents.annotated import Annotated, load_set
from ecocloud.intake.documents.confidence import SURE, calibration
from ecocloud.intake.documents.evaluating import (
    RIGHT,
    Fitted,
    Records,
    Scores,
    Sure,
    calibrate,
    levels_of,
    read_left_out,
    read_plain,
    rows_of,
    scores_of,
    sure_of,
)
from ecocloud.intake.documents.output import cut
from ecocloud.intake.documents.scoring import ALL, KINDS

OK, FAILED, USAGE = 0, 1, 2
HELP_ZH = "对照人工标注给读取打分，校准置信度"
KIND_ZH = {"figure": "数据", "task": "任务", "project": "项目", "mechanism": "机制"}
CALIBRATION = Path(__file__).parent / "data" / "calibration.yaml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``ecocloud scores``."""
    parser.add_argument("folders", nargs="+", metavar="DIR", help="标注文件夹（原文、jsonl、exhaustive.json）")
    parser.add_argument("--gold", action="append", default=[], metavar="DIR", help="另外的标注，不在则略过，可重复")
    parser.add_argument("--check", action="append", default=[], metavar="DIR", help="只核对、不参加校准的标注，可重复")
    parser.add_argument("--texts", action="append", default=[], metavar="DIR", help="原文所在的文件夹，可重复")
    parser.add_argument("--plain", action="store_true", help="不做逐份留出（快）")
    parser.add_argument("--json", action="store_true", help="打印 JSON")
    parser.add_argument("--calibrate", nargs="?", const=str(CALIBRATION), metavar="FILE", help="写出校准参数")


def run(args: argparse.Namespace) -> int:
    """Carry out the command; returns the exit code."""
    texts = [Path(t) for t in args.texts]
    try:
        tuned = [d for f in args.folders for d in load_set(Path(f), texts)]
        tuned += [d for f in args.gold if Path(f).is_dir() for d in load_set(Path(f), texts)]
        checked = [d for f in args.check if Path(f).is_dir() for d in load_set(Path(f), texts)]
        result = evaluate(tuned, checked, support(texts), args.plain)
        if args.calibrate and not args.plain:
            Path(args.calibrate).write_text(calibration_text(tuned, result["fitted"]), "utf-8")
    except EcoError as error:
        print(error.sentence_zh(), file=sys.stderr)
        return FAILED
    except OSError as error:
        print(f"{args.calibrate}：写不出去（{error.strerror or error}）。", file=sys.stderr)
        return FAILED
    skipped = [f for f in [*args.gold, *args.check] if not Path(f).is_dir()]
    print(json.dumps(as_data(result), ensure_ascii=False, indent=1) if args.json else as_text(result, skipped))
    return OK


def support(folders: Sequence[Path]) -> list[Path]:
    """Further texts that may support an entry of a word list."""
    return [p for f in folders if f.is_dir() for p in sorted(f.glob("*.txt"))]


def evaluate(
    tuned: Sequence[Annotated], checked: Sequence[Annotated], more: Sequence[Path], plain_only: bool
) -> dict[str, Any]:
    """All figures: scores by set, left-out scores, the calibration and its checks."""
    plain = read_plain(tuned)
    parts = {part: [d for d in [*tuned, *checked] if d.part == part] for part in _parts([*tuned, *checked])}
    records = {**plain, **read_plain(checked)}
    result: dict[str, Any] = {
        "scores": {part: scores_of(documents, records) for part, documents in parts.items()},
        "left_out": {}, "words": {}, "fitted": {}, "check": {},
    }  # fmt: skip
    if not plain_only:
        left_out, words = read_left_out(tuned, [*[d.path for d in checked], *more])
        result["words"] = {doc: len(w) for doc, w in words.items()}
        for part in _parts(tuned):
            result["left_out"][part] = scores_of([d for d in tuned if d.part == part], left_out)
        result["fitted"] = fitted(tuned, plain, left_out)
        models = {kind: f.model for kind, f in result["fitted"].items()}
    else:
        models = dict(calibration().kinds)
    if checked:
        result["check"] = {kind: _checked(checked, records, kind, models) for kind in KINDS if kind in models}
    return result


def _parts(documents: Sequence[Annotated]) -> list[str]:
    return list(dict.fromkeys(d.part for d in documents))


def fitted(documents: Sequence[Annotated], plain: Records, left_out: Records) -> dict[str, Fitted]:
    """The calibration of every kind."""
    return {
        kind: calibrate(
            rows_of(documents, plain, kind, RIGHT[kind]),
            {level: rows_of(documents, left_out, kind, level) for level in levels_of(kind)},
            RIGHT[kind],
        )
        for kind in KINDS
    }


def _checked(documents: Sequence[Annotated], records: Records, kind: str, models: Mapping[str, Any]) -> Sure:
    rows = {level: rows_of(documents, records, kind, level) for level in levels_of(kind)}
    return sure_of(rows, [models[kind].confidence(r.marks) for r in rows[RIGHT[kind]]])


def calibration_text(documents: Sequence[Annotated], kinds: Mapping[str, Fitted]) -> str:
    """``data/calibration.yaml``: what it was made from and how it did, then weights and steps by kind."""
    made = {
        "command": "ecocloud scores --calibrate", "documents": [f"{d.part}/{d.doc}" for d in documents],
        "promise": "among records at or above 0.9 the lower 95 % bound (Wilson) of right ones is at least 0.95",
        "kinds": {
            kind: {
                "right": RIGHT[kind], "records": f.rows, "bar": f.bar,
                "left_out": {"sure": f.check.n, "right": f.check.right, "of": f.check.of,
                             "bound": round(f.check.bound(RIGHT[kind]), 4) if f.bar else None},
            } for kind, f in kinds.items()
        },
    }  # fmt: skip
    data = {
        "version": 1,
        "made": made,
        "kinds": {
            kind: {**f.model.model_dump(), "steps": [list(s) for s in f.model.steps]} for kind, f in kinds.items()
        },
    }
    head = "# Made by `ecocloud scores --calibrate`, not by hand: weights of marks, steps [least sum, confidence].\n"
    return head + yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120, default_flow_style=None)


def as_data(result: Mapping[str, Any]) -> dict[str, Any]:
    """The result as JSON."""

    def table(scores: Scores) -> list[dict[str, Any]]:
        return [{"doc": d, "kind": k, "level": n, **c.as_dict()} for (d, k), s in scores.items() for n, c in s.items()]

    def sure(kind: str, s: Sure) -> dict[str, Any]:
        bounds = {level: round(s.bound(level), 4) for level in s.right}
        return {
            "kind": kind,
            "counts_as_right": RIGHT[kind],
            "of": s.of,
            "sure": s.n,
            "right": s.right,
            "bound": bounds,
        }

    return {
        "scores": {part: table(s) for part, s in result["scores"].items()},
        "left_out": {part: table(s) for part, s in result["left_out"].items()},
        "left_out_words": result["words"],
        "confidence": [{**sure(k, f.check), "bar": f.bar, "fitted_on": f.rows} for k, f in result["fitted"].items()],
        "check": [sure(kind, s) for kind, s in result["check"].items()],
    }


def as_text(result: Mapping[str, Any], skipped: Sequence[str]) -> str:
    """The result for people: plain and left-out scores side by side, then the confidence."""
    out = [f"（略过，不在：{f}）" for f in skipped]
    for part, scores in result["scores"].items():
        left_out = result["left_out"].get(part)
        docs = sorted({doc for doc, _ in scores} - {ALL})
        out.append(f"\n{part}（{'、'.join(docs)}）" + ("" if left_out else "  只核对"))
        out.append(f"  {cut('类别', 6)}{cut('口径', 14)}{'P':>7}{'R':>7}{'F1':>7}{'对':>5}{'错':>5}{'漏':>5}"
                   + ("   留出 P      R     F1" if left_out else ""))  # fmt: skip
        for kind in KINDS:
            for level, c in scores.get((ALL, kind), {}).items():
                line = f"  {cut(KIND_ZH[kind], 6)}{cut(level, 14)}{c.precision:7.3f}{c.recall:7.3f}{c.f1:7.3f}"
                line += f"{c.right:6d}{c.wrong:6d}{c.missed:6d}"
                if left_out:
                    o = left_out[ALL, kind][level]
                    line += f"   {o.precision:7.3f}{o.recall:7.3f}{o.f1:7.3f}"
                out.append(line)
    if result["fitted"]:
        out += ["", f"置信度不低于 {SURE} 的记录（逐份留出；下限为 95% 区间的下端）"]
        out += [_sure_line(kind, f.check, f.bar is not None) for kind, f in result["fitted"].items()]
    if result["check"]:
        out += ["", f"置信度不低于 {SURE} 的记录（只核对的文件）"]
        out += [_sure_line(kind, s, True) for kind, s in result["check"].items()]
    return "\n".join(out)


def _sure_line(kind: str, sure: Sure, reached: bool) -> str:
    head = f"  {cut(KIND_ZH[kind], 6)}"
    if not reached:
        return f"{head}达不到 0.95 的下限：没有一条给到 {SURE}（共 {sure.of} 条）"
    parts = [f"{level} 对 {sure.right.get(level, 0)}，下限 {sure.bound(level):.3f}" for level in levels_of(kind)]
    return f"{head}n = {sure.n} / {sure.of}；" + "；".join(parts)


def main(argv: list[str] | None = None) -> int:
    """Entry of ``python -m ecocloud.intake.documents.scores``."""
    parser = argparse.ArgumentParser(prog="ecocloud scores", description=HELP_ZH)
    add_arguments(parser)
    return run(parser.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
