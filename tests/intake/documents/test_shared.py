"""Against the shared gold set and seeds, when they are beside the checkout: scores, generality of the word lists."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ecocloud.intake.documents.commands import main
from ecocloud.intake.documents.text.loaders import load

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("ECOCLOUD_SHARED") or ROOT.parent / "shared")
DATA = ROOT / "ecocloud" / "intake" / "documents" / "data"
pytestmark = pytest.mark.skipif(not (SHARED / "gold" / "score.py").exists(), reason="the shared gold set is not here")
FLOORS = {("task", "base"): 0.97, ("task", "strict"): 0.97, ("figure", "base"): 0.98, ("figure", "strict"): 0.95,
          ("project", "base"): 0.85, ("mechanism", "base"): 0.70}  # fmt: skip


def test_scores_on_the_gold_documents_stay_above_their_floors(tmp_path):
    files = [str(next((SHARED / "seeds").glob(f"{d}_*.txt"))) for d in ("002", "004")]
    assert main([*files, "--out", str(tmp_path / "pred")]) == 0
    result = tmp_path / "score.json"
    command = [
        sys.executable,
        str(SHARED / "gold" / "score.py"),
        "--pred",
        str(tmp_path / "pred"),
        "--json",
        str(result),
    ]
    subprocess.run(command, check=True, capture_output=True)
    rows = [r for r in json.loads(result.read_text()) if r["doc"] == "ALL"]
    for (kind, level), floor in FLOORS.items():
        scores = [r["f1"] for r in rows if r["kind"] == kind and r["level"].startswith(level)]
        assert scores and min(scores) >= floor, (kind, level, scores)


def strings(node):
    if isinstance(node, dict):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)
    elif isinstance(node, str):
        yield node


def test_word_lists_hold_no_phrase_that_only_one_seed_uses():
    """General words (up to three characters) may happen to stand in one seed; longer ones must not."""
    seeds = [load(p.read_bytes(), p.name).text for p in sorted((SHARED / "seeds").glob("*.txt"))]
    only = {
        word: path.name
        for path in DATA.glob("*.yaml")
        if path.name not in ("sample.yaml", "review.yaml")
        for word in strings(yaml.safe_load(path.read_text("utf-8")))
        if len(re.findall(r"[\u4e00-\u9fff]", word)) > 3 and sum(word in seed for seed in seeds) == 1
    }
    assert only == {}
