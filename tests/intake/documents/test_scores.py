"""The command for scores, and the floors below which the own corpus must not fall."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ecocloud.intake.documents.annotated import load_set
from ecocloud.intake.documents.evaluating import Sure, read_plain, scores_of
from ecocloud.intake.documents.scores import FAILED, OK, _sure_line, main
from ecocloud.intake.documents.scoring import ALL

CORPUS = Path(__file__).parent / "corpus"
# F1 measured when the floors were set, less a margin; the frozen half has a wider one, no rule is written against it.
FLOORS = {
    "open": {("figure", "base"): 0.98, ("figure", "+indicator"): 0.96, ("figure", "strict"): 0.95,
             ("task", "base"): 0.98, ("task", "strict"): 0.95, ("project", "base"): 0.67, ("mechanism", "base"): 0.55},
    "frozen": {("figure", "base"): 0.95, ("figure", "+indicator"): 0.88, ("figure", "strict"): 0.77,
               ("task", "base"): 0.95, ("task", "strict"): 0.72, ("project", "base"): 0.60,
               ("mechanism", "base"): 0.48},
}  # fmt: skip


@pytest.mark.parametrize("half", sorted(FLOORS))
def test_scores_of_the_own_corpus_stay_above_their_floors(half):
    documents = load_set(CORPUS / half)
    counts = scores_of(documents, read_plain(documents))
    found = {key: round(counts[ALL, key[0]][key[1]].f1, 3) for key in FLOORS[half]}
    assert {key: value for key, value in found.items() if value < FLOORS[half][key]} == {}


def small(tmp_path: Path) -> Path:
    """One short annotated document: a task and a figure that are read, and a figure that is not in the text."""
    folder = tmp_path / "small"
    folder.mkdir()
    text = "甲乙市2025年工作要点\n\n一、重点任务\n1.推进植树造林。完成造林5.2万亩。（市林业局负责）\n"
    (folder / "a_要点.txt").write_text(text, "utf-8", newline="")
    start = text.index("完成造林")
    figure = {"id": "a-F1", "doc": "a", "kind": "figure", "start": start, "end": start + 10, "value": 5.2,
              "unit": "万亩", "indicator": "造林面积", "aliases": ["造林"], "region": "甲乙市", "period": "2025",
              "qualifier": ["target"], "direction": None, "quote": text[start : start + 10]}  # fmt: skip
    rows = [figure, {**figure, "id": "a-F2", "value": 7}]
    (folder / "a.figures.jsonl").write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), "utf-8")
    (folder / "documents.jsonl").write_text(json.dumps({"doc": "a", "file": "a_要点.txt"}), "utf-8")
    (folder / "exhaustive.json").write_text("{}", "utf-8")
    return folder


def test_the_command_prints_counts_as_data(tmp_path, capsys):
    folder = small(tmp_path)
    assert main([str(folder), "--plain", "--json", "--gold", str(tmp_path / "none")]) == OK
    rows = json.loads(capsys.readouterr().out)["scores"]["small"]
    strict = next(r for r in rows if (r["doc"], r["kind"], r["level"]) == (ALL, "figure", "strict"))
    assert (strict["right"], strict["wrong"], strict["missed"], strict["recall"]) == (1, 0, 1, 0.5)


def test_the_command_prints_a_table_and_says_what_it_left_out(tmp_path, capsys):
    folder, gone = small(tmp_path), str(tmp_path / "none")
    assert main([str(folder), "--plain", "--check", str(folder), "--gold", gone]) == OK
    out = capsys.readouterr().out
    assert gone in out
    assert "数据" in out and "strict" in out
    assert "置信度" in out


def test_a_folder_without_annotations_is_one_sentence(tmp_path, capsys):
    assert main([str(tmp_path), "--plain"]) == FAILED
    assert "标注" in capsys.readouterr().err
    folder = small(tmp_path)
    (folder / "a.figures.jsonl").write_text("{broken", "utf-8")
    assert main([str(folder), "--plain"]) == FAILED
    (folder / "a.figures.jsonl").unlink()
    shutil.move(folder / "a_要点.txt", tmp_path / "a_要点.txt")
    assert main([str(folder), "--plain"]) == FAILED
    assert main([str(folder), "--plain", "--texts", str(tmp_path)]) == OK


def test_a_kind_that_cannot_keep_the_promise_is_said_to():
    assert "达不到" in _sure_line("project", Sure(0, {}, 40), False)
    line = _sure_line("task", Sure(80, {"strict": 80, "base": 80}, 90), True)
    assert "n = 80 / 90" in line and "0.954" in line  # 80 / (80 + 1.96^2)
