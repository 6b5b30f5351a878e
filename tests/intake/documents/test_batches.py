"""Many documents in a job: outcomes, pause and resume, copies linked; a killed run reads none twice and loses none."""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ecocloud.base import jobs
from ecocloud.base.errors import EcoError
from ecocloud.intake.documents import services
from ecocloud.intake.documents.models import Batch, Document, Record
from ecocloud.intake.documents.services import batches

LINES = [
    "市水利局负责完成清淤{n}公里。",
    "市林业局负责造林{n}亩。",
    "市住建局负责改造管网{n}公里。",
    "市生态环境局负责整治排口{n}个。",
]
ROOT = Path(__file__).resolve().parents[3]
CHILD = Path(__file__).with_name("batch_child.py")


def text(seed: int) -> str:
    """A work plan of its own: numbers and some characters depend on the seed."""
    chance = random.Random(seed)
    body = [f"{n}.{LINES[n % 4].format(n=chance.randint(2, 900))}" for n in range(1, 6)]
    noise = "".join(chr(chance.randint(0x4E00, 0x9000)) for _ in range(220))
    return "\n".join([f"青瓷市2026年第{seed}号工作要点", "一、重点任务", *body, f"二、说明{noise}。"]) + "\n"


def packed(files: dict[str, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    out.seek(0)
    return out


FILES = {
    "一组/a.txt": text(1).encode(),
    "一组/b.txt": text(2).encode("gb18030"),
    "二组/a_副本.txt": ("首页 > 正文\n" + text(1) + "责任编辑：甲\n").encode(),
    "二组/b_原样.txt": text(2).encode("gb18030"),
    "二组/c_修改.txt": (text(1) + "6.市水利局负责完成新任务三十项，由市生态环境局配合。\n").encode(),
    "空.txt": b" ",
    "坏.docx": b"PK\x03\x04" + b"\x00" * 60,
}


def start(place, files=FILES):
    return batches.start(place.clerk, "一批.zip", packed(files))


def outcomes(batch):
    return {row.path: row.outcome for row in batch.files.all()}


def test_every_file_has_its_outcome_and_copies_give_no_records(place):
    batch = start(place)
    assert batches.counts(batch)["waiting"] == len(FILES)
    jobs.drain(["documents.batch"])
    batch.refresh_from_db()
    assert batch.state == Batch.State.DONE and batch.finished_at
    assert outcomes(batch) == {
        "一组/a.txt": "read", "一组/b.txt": "read", "二组/a_副本.txt": "copy", "二组/b_原样.txt": "known",
        "二组/c_修改.txt": "read", "空.txt": "refused", "坏.docx": "refused",
    }  # fmt: skip
    rows = {row.path: row for row in batch.files.select_related("document__like")}
    copy, edition = rows["二组/a_副本.txt"].document, rows["二组/c_修改.txt"].document
    assert copy.like == rows["一组/a.txt"].document and copy.relation == "copy" and copy.share >= 90
    assert not Record.objects.filter(document=copy).exists() and copy.text
    assert edition.like == rows["一组/a.txt"].document and edition.relation == "edition" and edition.records.exists()
    assert all(rows[p].problem.count("。") >= 1 for p in ("空.txt", "坏.docx"))
    assert rows["二组/b_原样.txt"].document == rows["一组/b.txt"].document


def test_paused_and_resumed_nothing_is_read_twice_or_lost(place, monkeypatch):
    batch = start(place)
    original, seen = services.receiving.upload, []

    def upload(user, name, data, **more):
        seen.append(name)
        if len(seen) == 3:
            batches.pause(place.clerk, batch)
        return original(user, name, data, **more)

    monkeypatch.setattr(services.receiving, "upload", upload)
    jobs.drain(["documents.batch"])
    batch.refresh_from_db()
    assert batch.state == Batch.State.PAUSED and batches.counts(batch)["waiting"] == len(FILES) - 3
    with pytest.raises(EcoError):
        batches.pause(place.clerk, batch)
    batches.resume(place.clerk, batch)
    jobs.drain(["documents.batch"])
    assert batches.counts(batch)["waiting"] == 0 and len(seen) == len(FILES) == len(set(seen))
    batch.refresh_from_db()
    assert batch.state == Batch.State.DONE


def test_a_run_that_died_between_a_document_and_its_outcome_finishes_it(place, monkeypatch):
    batch = start(place, {"a.txt": text(5).encode(), "b.txt": text(6).encode()})
    monkeypatch.setattr(services.receiving, "_keep", lambda *a, **k: (_ for _ in ()).throw(KeyboardInterrupt))
    row = batch.files.first()
    with pytest.raises(KeyboardInterrupt):
        batches._one(place.clerk, batch, row, lambda path: text(5).encode())
    monkeypatch.undo()
    row.refresh_from_db()
    assert row.outcome == "waiting" and row.document.status == Document.Status.LOADED
    jobs.drain(["documents.batch"])
    assert outcomes(batch) == {"a.txt": "read", "b.txt": "read"}
    assert Document.objects.count() == 2 and row.document.records.exists()


def test_rights_and_unfit_archives(place):
    with pytest.raises(EcoError):
        batches.start(place.hydro, "x.zip", packed({"a.txt": b"x"}))
    for files in ({"../a.txt": b"x"}, {}):
        with pytest.raises(EcoError) as caught:
            batches.start(place.clerk, "x.zip", packed(files))
        assert caught.value.message_zh
    assert not Batch.objects.exists()


def test_upload_says_which_document_it_is_the_same_as(place):
    one, _ = services.upload(place.clerk, "a.txt", text(1).encode())
    two, known = services.upload(place.clerk, "b.txt", ("分享到：微信\n" + text(1) + "版权所有\n").encode())
    assert not known and two.status == Document.Status.COPY and two.like == one and two.share >= 95
    assert one.records.exists() and not two.records.exists()


def test_a_copy_of_a_document_one_may_not_open_is_read(place):
    one, _ = services.upload(place.clerk, "a.txt", text(1).encode())
    Document.objects.filter(pk=one.pk).update(secrecy=Document.Secrecy.SENSITIVE)
    type(place.clerk).objects.filter(pk=place.clerk.pk).update(clearance="internal")
    place.clerk.refresh_from_db()
    two, _ = services.upload(place.clerk, "b.txt", (text(1) + "版权所有\n").encode())
    assert two.like is None and two.records.exists()


def test_pages_of_a_batch(place, inside, kept):
    client = inside(place.clerk)
    assert "还没有导入批次" in client.get("/documents/batches/").content.decode()
    answer = client.post("/documents/batches/", {"secrecy": "internal"})
    assert answer.status_code == 400 and "没有选择文件" in answer.content.decode()
    given = SimpleUploadedFile("一批.zip", packed(FILES).read())
    answer = client.post("/documents/batches/", {"file": given, "secrecy": "internal"})
    batch = Batch.objects.get()
    assert answer.status_code == 302 and answer["Location"].endswith(f"/documents/batches/{batch.pk}/")
    page = client.get(f"/documents/batches/{batch.pk}/").content.decode()
    assert "暂停" in page and "hx-get" in page
    client.post(f"/documents/batches/{batch.pk}/pause/")
    assert "继续" in client.get(f"/documents/batches/{batch.pk}/").content.decode()
    client.post(f"/documents/batches/{batch.pk}/resume/")
    jobs.drain(["documents.batch"])
    client.get(f"/documents/batches/{batch.pk}/")
    with CaptureQueriesContext(connection) as asked:
        page = client.get(f"/documents/batches/{batch.pk}/").content.decode()
    few = [q["sql"] for q in asked if "web_site" not in q["sql"]]
    assert len(few) <= 12, "\n".join(few)
    assert "已完成" in page and "未能读取" in page and "同一文件" in page and 'hx-get="/documents/batches' not in page
    assert (
        "a.txt" not in client.get(f"/documents/batches/{batch.pk}/?outcome=refused").content.decode().split("<table")[1]
    )
    assert client.get(f"/documents/batches/{batch.pk}/progress/").status_code == 200


def test_nobody_sees_the_batch_of_another(place, inside):
    batch = start(place)
    assert inside(place.hydro).get(f"/documents/batches/{batch.pk}/").status_code in (403, 404)


def test_kill_9_during_a_batch(tmp_path, full_size):
    env = {**os.environ, "ECOCLOUD_HOME": str(tmp_path / "site"), "PYTHONPATH": str(ROOT)}
    env.pop("DATABASE_URL", None)

    def child(*words):
        command = [sys.executable, str(CHILD), *map(str, words)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, cwd=ROOT)

    number, kills = (120, 12) if full_size else (8, 2)
    setup = child("setup", number)
    setup.communicate(timeout=300)
    assert setup.returncode == 0
    chance = random.Random(11)
    for _ in range(kills):
        running = child("run")
        assert running.stdout.readline() == "ready\n"
        for _ in range(chance.randint(1, 6)):
            running.stdout.readline()
        running.kill()
        running.wait()
    out, _ = child("run").communicate(timeout=600)
    now = json.loads(out.splitlines()[-1])
    assert now["outcomes"] == {"read": number} and now["documents"] == number == now["bound"]
    assert now["expected"] == now["records"] and now["reads"] == number and now["journal"] == []
