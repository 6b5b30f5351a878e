"""A folder of documents: outcome per file, resume, a killed run loses nothing and reads nothing twice."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ecocloud.intake.documents import folder as folder_module
from ecocloud.intake.documents.commands import main
from ecocloud.intake.documents.folder import LOG, TABLE

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.txt"))
LINES = [line for path in SAMPLES for line in path.read_text("utf-8").split("\n") if len(line) > 15]


def document(seed: int, lines: int = 12) -> str:
    """A text of sample sentences whose numbers depend on the seed (no two are alike)."""
    chance = random.Random(seed)
    chosen = [chance.choice(LINES) for _ in range(lines)]
    words = "".join(chr(chance.randint(0x4E00, 0x9000)) for _ in range(150))
    return "\n".join([f"清溪县第{seed}号工作要点", *chosen, words]) + "\n"


@pytest.fixture
def source(tmp_path):
    root = tmp_path / "in"
    (root / "下级" / "深").mkdir(parents=True)
    (root / "a_1.txt").write_text(document(1), "utf-8")
    (root / "下级" / "a_2.txt").write_bytes(document(2).encode("gb18030"))
    (root / "下级" / "深" / "a_1.txt").write_text(document(3), "utf-8")
    (root / "下级" / "b_copy.txt").write_text("首页 > 正文\n" + document(1) + "责任编辑：甲\n", "utf-8")
    (root / "下级" / "c_same.txt").write_text(document(1), "utf-8")
    (root / "下级" / "d_edition.txt").write_text(document(3) + "五、县水利局负责完成管网改造三十公里。\n" * 30, "utf-8")
    (root / "z_empty.txt").write_bytes(b"")
    (root / "z_broken.docx").write_bytes(b"PK\x03\x04" + b"\x00" * 50)
    (root / ".hidden").write_text("x", "utf-8")
    return root


def outcomes(out: Path) -> dict[str, dict]:
    rows = [json.loads(line) for line in (out / LOG).read_text("utf-8").splitlines()]
    assert len({r["path"] for r in rows}) == len(rows), "a document has two outcomes"
    return {r["path"]: r for r in rows}


def test_outcome_of_every_document(source, tmp_path, capsys):
    out = tmp_path / "out"
    assert main([str(source), "--out", str(out)]) == 1
    rows = outcomes(out)
    assert {p: r["outcome"] for p, r in rows.items()} == {
        "a_1.txt": "read", "下级/a_2.txt": "read", "下级/深/a_1.txt": "read", "下级/b_copy.txt": "same",
        "下级/c_same.txt": "same", "下级/d_edition.txt": "read", "z_empty.txt": "refused", "z_broken.docx": "refused",
    }  # fmt: skip
    assert rows["下级/b_copy.txt"]["same_as"] == "a_1.txt" and rows["下级/b_copy.txt"]["share"] >= 0.9
    assert rows["z_empty.txt"]["sentence"].count("。") >= 1 and "z_empty.txt" in capsys.readouterr().err
    stems = [r["out"] for r in rows.values() if r["outcome"] == "read"]
    assert len(set(stems)) == len(stems) == 4
    for row in rows.values():
        if row["outcome"] == "read":
            lines = (out / f"{row['out']}.figures.jsonl").read_text("utf-8").splitlines()
            assert len(lines) == row["figures"]
    with open(out / TABLE, encoding="utf-8-sig", newline="") as stream:
        assert {r["path"]: r["outcome"] for r in csv.DictReader(stream)} == {p: r["outcome"] for p, r in rows.items()}


def test_resume_reads_only_what_has_no_outcome_or_changed(source, tmp_path, capsys):
    out = tmp_path / "out"
    main([str(source), "--out", str(out)])
    first = outcomes(out)
    log = (out / LOG).read_bytes().splitlines(keepends=True)
    (out / LOG).write_bytes(b"".join(log[:5]) + log[5][:40])  # a kill in the middle of the sixth line
    (source / "new.txt").write_text(document(9), "utf-8")
    assert main([str(source), "--out", str(out), "--resume"]) == 1
    again = outcomes(out)
    assert set(again) == {*first, "new.txt"}
    assert {p: (r["outcome"], r["out"]) for p, r in first.items()} == {
        p: (r["outcome"], r["out"]) for p, r in again.items() if p != "new.txt"}  # fmt: skip
    assert "接着读" in capsys.readouterr().err


def test_wrong_usage(source, tmp_path):
    assert main([str(source)]) == 2
    assert main([str(source), "--out", str(source / "下级" / "out")]) == 2
    assert main([str(source / "a_1.txt"), "--resume"]) == 2
    assert main([str(source), str(source / "a_1.txt"), "--out", str(tmp_path / "o")]) == 2


def test_a_killed_run_goes_on_without_loss_or_repetition(tmp_path, full_size):
    root, out = tmp_path / "in", tmp_path / "out"
    root.mkdir()
    number, kills = (400, 8) if full_size else (24, 2)
    for n in range(number):
        (root / f"d{n:03d}_x.txt").write_text(document(n), "utf-8")
    command = [sys.executable, "-m", "ecocloud.intake.documents.commands", str(root), "--out", str(out), "--resume"]
    chance = random.Random(3)
    seen = 0
    for _ in range(kills):
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)
        target = seen + chance.randint(1, number // (kills + 2))
        for _ in range(3000):
            lines = (out / LOG).read_bytes().count(b"\n") if (out / LOG).exists() else 0
            if lines >= target or child.poll() is not None:
                break
            time.sleep(0.01)
        child.send_signal(signal.SIGKILL)
        child.wait()
        seen = (out / LOG).read_bytes().count(b"\n")
    assert 0 < seen < number
    assert main(command[3:]) == 0
    rows = outcomes(out)
    assert len(rows) == number and {r["outcome"] for r in rows.values()} == {"read"}
    assert not list(out.glob("*.part"))


def test_nothing_of_a_document_is_kept_after_it_was_read(source, tmp_path, monkeypatch):
    """Flat memory: of each document only its outcome stays (the test counts living texts)."""
    import gc
    import weakref

    living: list[weakref.ref] = []
    original = folder_module.load

    def load(data, name):
        found = original(data, name)
        living.append(weakref.ref(found))
        return found

    monkeypatch.setattr(folder_module, "load", load)
    main([str(source), "--out", str(tmp_path / "out")])
    gc.collect()
    assert len(living) >= 6 and sum(ref() is not None for ref in living) == 0
