"""The own corpus: every record of the annotators stands on exact words, and nothing of it is copied from the seeds."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "corpus"
SHARED = Path(os.environ.get("ECOCLOUD_SHARED") or Path(__file__).resolve().parents[4] / "shared")
KINDS = ("figure", "task", "project", "mechanism")
PARTS = sorted(p for p in HERE.iterdir() if p.is_dir() and (p / "documents.jsonl").exists())


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]


def records(part: Path) -> list[dict]:
    return [r for path in sorted(part.glob("*.*s.jsonl")) for r in lines(path)]


def texts(part: Path) -> dict[str, str]:
    return {p.name.split("_")[0]: p.open(encoding="utf-8", newline="").read() for p in part.glob("*.txt")}


@pytest.mark.parametrize("part", PARTS, ids=lambda p: p.name)
def test_every_record_is_exact_words_of_its_document(part):
    found, text = records(part), texts(part)
    assert len({r["id"] for r in found}) == len(found)
    for record in found:
        body = text[record["doc"]]
        assert record["kind"] in KINDS
        assert body[record["start"] : record["end"]] == record["quote"] != "", record["id"]
        if record["kind"] == "figure":
            assert body[record["value_start"] : record["value_end"]] == record["value_quote"], record["id"]
            assert {"actual", "target", "definition"} & set(record["qualifier"]), record["id"]
        if record["kind"] == "task":
            for unit in record["units"]:
                assert body[unit["start"] : unit["end"]] == unit["raw"], record["id"]


@pytest.mark.parametrize("part", PARTS, ids=lambda p: p.name)
def test_every_document_is_described_and_annotated(part):
    described = {d["doc"]: d for d in lines(part / "documents.jsonl")}
    ranges = json.loads((part / "exhaustive.json").read_text("utf-8"))
    assert set(described) == set(texts(part)) == set(ranges)
    for doc, facts in described.items():
        assert facts["chars"] == len(texts(part)[doc])
        assert any(r["doc"] == doc for r in records(part))


def test_the_open_half_has_seven_kinds_of_documents_and_enough_records():
    part = HERE / "open"
    assert len({d["title"]["quote"] for d in lines(part / "documents.jsonl")}) == 7
    counts = {kind: sum(r["kind"] == kind for r in records(part)) for kind in KINDS}
    assert counts == {"figure": 376, "task": 50, "project": 84, "mechanism": 160}


@pytest.mark.skipif(not (SHARED / "seeds").exists(), reason="the seeds are not here")
@pytest.mark.parametrize("part", PARTS, ids=lambda p: p.name)
def test_no_sentence_is_copied_from_a_seed(part):
    """No run of 16 characters of a document stands in a seed."""
    seeds = "\n".join(p.read_text("utf-8") for p in sorted((SHARED / "seeds").glob("*.txt"))).replace("，", ",")
    for doc, text in texts(part).items():
        plain = text.replace("，", ",")
        copied = [plain[i : i + 16] for i in range(len(plain) - 15) if plain[i : i + 16] in seeds]
        assert copied == [], doc
