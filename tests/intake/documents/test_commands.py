"""``ecocloud read``: summary, JSON lines, JSON, exit codes, refusals."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from ecocloud.intake.documents.commands import main

SAMPLES = Path(__file__).parent / "samples"
PLAN = str(SAMPLES / "yaodian_清溪县.txt")
REPORT = str(SAMPLES / "baogao_云岭市.txt")


def test_summary_names_title_units_and_deadlines(capsys):
    assert main([PLAN]) == 0
    out = capsys.readouterr().out
    for words in ("清溪县2024年河湖长制工作要点", "2024-06-30", "县水利局（牵头）", "任务 5", "岸线自然保有率", "≥85%"):
        assert words in out


def test_out_writes_four_files_and_goes_on_after_a_refusal(tmp_path, capsys):
    bad = tmp_path / "bad.doc"
    bad.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600)
    assert main([PLAN, str(bad), str(tmp_path / "none.txt"), REPORT, "--out", str(tmp_path / "out")]) == 1
    errors = capsys.readouterr().err
    assert "旧版 Office" in errors and "文件不存在" in errors
    names = sorted(p.name for p in (tmp_path / "out").iterdir())
    assert names == sorted(
        f"{d}.{k}.jsonl" for d in ("yaodian", "baogao") for k in ("tasks", "figures", "projects", "mechanisms")
    )
    lines = (tmp_path / "out" / "yaodian.tasks.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["path"] for line in lines] == ["二/(一)/1", "二/(一)/2", "二/(二)/3", "二/(二)/4", "三/5"]


def test_json_carries_records_and_errors(tmp_path, capsys):
    empty = tmp_path / "empty.txt"
    empty.write_bytes(b"")
    assert main([REPORT, str(empty), "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data[0]["counts"]["figures"] == len(data[0]["figures"])
    assert data[1]["error"]["code"] == "documents.empty"


def test_wrong_usage_is_exit_code_two(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "ecocloud.intake.documents.commands"], capture_output=True, cwd=Path(__file__).parents[3]
    )
    assert run.returncode == 2
    blocked = tmp_path / "file"
    blocked.write_text("x")
    assert main([PLAN, "--out", str(blocked / "sub")]) == 2


def test_the_engine_needs_no_django():
    code = "import sys, ecocloud.intake.documents.commands; sys.exit(any(m == 'django' for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3]).returncode == 0
