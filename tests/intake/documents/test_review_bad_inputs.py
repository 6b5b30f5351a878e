"""Every bad input gets one clear sentence through the upload service, while the good files beside it are kept."""

import io
import zipfile

import docx
import pypdf
import pytest

from ecocloud.base.jobs import drain
from ecocloud.base.jobs.models import Job
from ecocloud.intake.documents import services
from ecocloud.intake.documents.models import Document, Record

pytestmark = pytest.mark.django_db


def pdf(password=""):
    """A page without any text, like a scan; with a password where given."""
    writer, stream = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(300, 300)
    if password:
        writer.encrypt(password)
    writer.write(stream)
    return stream.getvalue()


def good_docx():
    document, stream = docx.Document(), io.BytesIO()
    for line in ("样例市2026年工作要点", "1.完成造林3万亩。（市林业局负责）"):
        document.add_paragraph(line)
    document.save(stream)
    return stream.getvalue()


def broken_docx():
    whole, stream = zipfile.ZipFile(io.BytesIO(good_docx())), io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in whole.namelist():
            archive.writestr(name, b"<broken" if name == "word/document.xml" else whole.read(name))
    return stream.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 2000
BAD = {
    "空的.txt": (b"", "空"),
    "全是空白.txt": (b" \n\n\t ", "没有"),
    "二进制.txt": (bytes(range(256)) * 40, "二进制"),
    "太大.txt": ("样例文字。".encode() * 3_500_000, "超过"),
    "坏的.docx": (broken_docx(), "损坏"),
    "截断的.docx": (good_docx()[:900], "损坏"),
    "加密.pdf": (pdf("secret"), "密码"),
    "扫描件.pdf": (pdf(), "扫描"),
    "旧版.doc": (OLE, "旧版"),
    "编码.txt": ("正在推进河道治理".encode("utf-16-le")[1:] * 50, ""),
}


def test_each_refusal_is_one_sentence_and_the_good_files_are_kept(place):
    files = [
        ("好的.docx", good_docx()),
        *((name, data) for name, (data, _) in BAD.items()),
        ("也好.txt", "完成造林5万亩。".encode()),
    ]
    found = services.upload_many(place.clerk, [(name, io.BytesIO(data)) for name, data in files])
    assert [one.name for one in found if one.error is None] == ["好的.docx", "也好.txt"]
    assert Document.objects.count() == 2
    for one in found:
        if one.error is None:
            continue
        sentence, expected = one.error.sentence_zh(), BAD[one.name][1]
        assert one.name in sentence and expected in sentence, sentence
        assert one.error.remedy_zh and "\n" not in sentence and len(sentence) < 160
        assert one.error.message_en.isascii()


def limited(monkeypatch, most):
    """Files of more than ``most`` bytes are read by a job."""
    from ecocloud.intake.documents.services import receiving

    facts = receiving.review_facts()
    limit = facts.reading.at_once_bytes.model_copy(update={"value": most})
    small = facts.reading.model_copy(update={"at_once_bytes": limit})
    monkeypatch.setattr(receiving, "review_facts", lambda: facts.model_copy(update={"reading": small}))


def test_a_large_file_is_kept_and_read_by_a_job(place, monkeypatch, full_size):
    """Larger than what is read at once, and more records than one transaction takes; at full size by the limit of an
    installation."""
    lines = 9000 if full_size else 300
    if not full_size:
        limited(monkeypatch, 10_000)
    text = "样例市2026年工作要点\n" + "".join(f"{n}.完成第{n}处造林{n}亩。（市林业局牵头）\n" for n in range(1, lines))
    document, _ = services.upload(place.clerk, "很长.txt", text.encode())
    assert document.status == "loaded" and Job.objects.filter(name="documents.read").count() == 1
    drain()
    document.refresh_from_db()
    assert (
        document.status == "in_review" and document.expected == Record.objects.filter(document=document).count() > 500
    )


def test_reading_goes_on_where_it_stopped(place, monkeypatch):
    from ecocloud.intake.documents.services import receiving

    monkeypatch.setattr(receiving, "_CHUNK", 2)
    text = "样例市2026年工作要点\n" + "".join(f"{n}.完成第{n}处造林{n}亩。（市林业局牵头）\n" for n in range(1, 8))
    document, _ = services.upload(place.clerk, "短.txt", text.encode())
    whole = list(Record.objects.filter(document=document).values_list("number", "start", "end", "label"))
    assert len(whole) == document.expected
    Record.objects.filter(document=document, number__gt=3).delete()
    Document.objects.filter(pk=document.pk).update(status="reading")
    document.refresh_from_db()
    services.read(place.clerk, document)
    assert list(Record.objects.filter(document=document).values_list("number", "start", "end", "label")) == whole


def test_a_large_file_that_cannot_be_read_says_why(place, monkeypatch):
    limited(monkeypatch, 10)
    document, _ = services.upload(place.clerk, "扫描件.pdf", pdf())
    drain()
    document.refresh_from_db()
    assert document.status == "refused" and "扫描件" in document.problem
    monkeypatch.undo()
    with pytest.raises(Exception, match="text layer"):
        services.upload(place.clerk, "扫描件.pdf", pdf())
