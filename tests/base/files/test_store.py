"""Keeping files: content address, dedupe, kills, verification. Digests are checked against hashlib."""

import hashlib
import io
import os
import signal
import subprocess
import sys

import pytest
from django.db import transaction

from ecocloud.base.files import FileKind, errors, services, storage
from ecocloud.base.files.models import StoredFile
from ecocloud.base.files.verification import verify_files

TEXT = {FileKind.TXT}
SAMPLE = "一、完成排查。".encode()


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


def put(name="工作要点.txt", data=SAMPLE, by="u1 张三"):
    return services.store(name, io.BytesIO(data), TEXT, by)


@pytest.mark.django_db
def test_store_and_open(root):
    data = "一、完成排查。".encode()
    file = put(data=data)
    assert file.sha256 == hashlib.sha256(data).hexdigest()
    assert (file.name, file.size, file.kind, file.uploaded_by) == ("工作要点.txt", len(data), "txt", "u1 张三")
    if "sm3" in hashlib.algorithms_available:
        assert file.sm3 == hashlib.new("sm3", data).hexdigest()
    with services.open_stored(file) as stream:
        assert stream.read() == data
    assert not list((root / "tmp").iterdir())


@pytest.mark.django_db
def test_equal_bytes_are_kept_once_and_every_upload_has_its_row(root):
    first, second = put(), put(name="另一名字.txt", by="u2 李四")
    assert first.pk != second.pk and first.path == second.path
    assert len(list(storage.contents(root))) == 1
    assert {file.name for file in StoredFile.objects.all()} == {"工作要点.txt", "另一名字.txt"}


@pytest.mark.django_db(transaction=True)
def test_receiving_inside_a_transaction_is_refused(root):
    with pytest.raises(RuntimeError), transaction.atomic():
        put()
    assert not StoredFile.objects.exists()
    assert not list(storage.contents(root))


def test_stream_longer_than_its_limit_leaves_nothing(tmp_path):
    with pytest.raises(errors.FileTooBig):
        storage.write(tmp_path, io.BytesIO(b"12345"), 4)
    assert not list(storage.contents(tmp_path)) and not list((tmp_path / "tmp").iterdir())
    assert storage.write(tmp_path, io.BytesIO(b"1234"), 4).size == 4


@pytest.mark.django_db
def test_verification_names_altered_cut_and_missing_files(root):
    good, altered, cut, missing = (put(f"{n}.txt", f"第{n}份文件内容".encode()) for n in range(4))
    assert verify_files() == []
    for file in (altered, cut):
        os.chmod(root / file.path, 0o640)
    (root / altered.path).write_bytes("第x份文件内容".encode())
    (root / cut.path).write_bytes(b"x")
    (root / missing.path).unlink()
    sentences = verify_files()
    assert len(sentences) == 3
    assert any("1.txt" in s and "不一致" in s for s in sentences)
    assert any("2.txt" in s and "大小" in s for s in sentences)
    assert any("3.txt" in s and "不在" in s for s in sentences)
    assert len(verify_files(rehash=False)) == 2
    with pytest.raises(errors.StoredFileMissing):
        services.open_stored(missing)
    assert good.path


def test_kill_in_the_middle_leaves_no_content(tmp_path):
    code = (
        "import sys,pathlib\n"
        "from ecocloud.base.files import storage\n"
        "class Slow:\n"
        "    n=0\n"
        "    def read(self,size):\n"
        "        self.n+=1\n"
        "        if self.n==3: print('ready',flush=True); import time; time.sleep(30)\n"
        "        return b'x'*size\n"
        "storage.write(pathlib.Path(sys.argv[1]),Slow(),1<<40)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, cwd=os.getcwd())
    assert process.stdout.readline().strip() == b"ready"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not list(storage.contents(tmp_path))
    assert storage.remove_leftovers(tmp_path, older_than_seconds=-1) == 1
