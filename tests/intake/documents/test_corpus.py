"""The own corpus: every record of the annotators stands on exact words, and nothing of it is copied from the seeds."""

from __future__ import annotations

import hashlib
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


def test_the_open_half_has_eight_kinds_of_documents_and_enough_records():
    part = HERE / "open"
    assert len({d["title"]["quote"] for d in lines(part / "documents.jsonl")}) == 8
    counts = {kind: sum(r["kind"] == kind for r in records(part)) for kind in KINDS}
    assert counts == {"figure": 417, "task": 76, "project": 96, "mechanism": 181}


COMMON = {"id", "doc", "file", "kind", "path", "quote", "start", "end"}
FIELDS = {
    "figure": COMMON
    | {"indicator", "aliases", "region", "period", "period_alt", "period_basis", "value", "unit", "qualifier"}
    | {"direction", "strict_inequality", "comparison", "optional", "value_quote", "value_start", "value_end"},
    "task": COMMON
    | {"heading_titles", "title", "title_start", "title_end", "units", "deadlines", "targets", "plan_year"},
    "project": COMMON
    | {"name", "aliases", "type", "category", "region", "period", "status", "count", "count_unit", "amount"}
    | {"amount_unit", "measures", "figures", "parent", "optional"},
    "mechanism": COMMON | {"name", "name_en", "type", "status", "description", "optional"},
}
ROLES = {"负责", "配合", "牵头", "统筹协调", "督导", "unstated"}
# Names and bytes of every file but the README. It changes only when an error of the annotation is mended, and then the
# README says which.
FROZEN = "85affb7cd76c814ecbf93886d39d3ce795479198acf9d60f4a75c7668e2dc306"


@pytest.mark.parametrize("part", PARTS, ids=lambda p: p.name)
def test_links_titles_and_deadlines_point_into_their_document(part):
    found, text = records(part), texts(part)
    figures = {r["id"] for r in found if r["kind"] == "figure"}
    for record in found:
        body, said = text[record["doc"]], record["id"]
        if record["kind"] == "figure":
            assert record["start"] <= record["value_start"] < record["value_end"] <= record["end"], said
            assert (record["value"] is None) <= record["optional"], said
            link = record["comparison"] or {}
            assert {link.get("of"), link.get("figure")} - {None} <= figures, said
        if record["kind"] == "task":
            assert body[record["title_start"] : record["title_end"]] == record["title"], said
            assert all(body[d["start"] : d["end"]] == d["quote"] for d in record["deadlines"]), said
            assert {u["role"] for u in record["units"]} <= ROLES, said
            assert set(record["targets"]) <= figures, said
        if record["kind"] == "project":
            assert set(record["figures"]) <= figures, said


@pytest.mark.parametrize("part", PARTS, ids=lambda p: p.name)
def test_records_have_the_fields_of_the_schema_and_lie_in_their_ranges(part):
    ranges = json.loads((part / "exhaustive.json").read_text("utf-8"))
    for record in records(part):
        assert FIELDS[record["kind"]] <= set(record), record["id"]
        low, high = ranges[record["doc"]][record["kind"] + "s"]
        assert low <= record["start"] < record["end"] <= high, record["id"]


def test_the_frozen_half_is_as_it_was_frozen():
    part = HERE / "frozen"
    counts = {kind: sum(r["kind"] == kind for r in records(part)) for kind in KINDS}
    assert counts == {"figure": 334, "task": 44, "project": 99, "mechanism": 244}
    digest = hashlib.sha256()
    for path in sorted(part.iterdir(), key=lambda p: p.name.encode()):
        if path.name != "README.md":
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    assert digest.hexdigest() == FROZEN


@pytest.mark.skipif(not (SHARED / "seeds").exists(), reason="the seeds are not here")
@pytest.mark.parametrize("part", PARTS, ids=lambda p: p.name)
def test_no_sentence_is_copied_from_a_seed(part):
    """No run of 16 characters of a document stands in a seed."""
    seeds = "\n".join(p.read_text("utf-8") for p in sorted((SHARED / "seeds").glob("*.txt"))).replace("，", ",")
    for doc, text in texts(part).items():
        plain = text.replace("，", ",")
        copied = [plain[i : i + 16] for i in range(len(plain) - 15) if plain[i : i + 16] in seeds]
        assert copied == [], doc
