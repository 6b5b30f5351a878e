"""Uploads with an action: a refused action leaves no row and, where it can be known before, no bytes either."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ecocloud.base.files import services as files
from ecocloud.base.files.models import StoredFile
from ecocloud.kernel.duties import services
from ecocloud.kernel.duties.models import ItemFile, WorkItem
from ecocloud.kernel.regions.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(client, town, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    User.objects.update(must_change_password=False)

    def _send(person, item, action, *uploads, **more):
        client.force_login(User.objects.get(pk=person.pk))
        given = [SimpleUploadedFile(name, content) for name, content in uploads or [("清单.txt", "清单".encode())]]
        data = {"action": action, "version": item.version, "files": given} | more
        return client.post(reverse("duties:act", args=[item.pk]), data)

    return _send


def kept(root):
    return [path for path in Path(root).rglob("*") if path.is_file()]


def test_an_action_that_is_done_keeps_its_files(send, make, town, tmp_path):
    item = make("in_progress")
    assert send(town.hydro, item, "report", opinion="已完成").status_code == 302
    assert ItemFile.objects.get().file == StoredFile.objects.get() and len(kept(tmp_path)) == 1
    assert StoredFile.objects.get().uploaded_by == f"user:{town.hydro.pk}"


@pytest.mark.parametrize(("who", "action", "more", "status"), [
    ("hydro", "report", {}, 422),  # no words
    ("ranger", "report", {"opinion": "x"}, 403),  # another unit
    ("hydro", "reply_instruction", {"opinion": "x"}, 422),  # no instruction is open
])  # fmt: skip
def test_a_refused_action_keeps_nothing(send, make, town, tmp_path, who, action, more, status):
    item = make("in_progress")
    assert send(getattr(town, who), item, action, **more).status_code == status
    assert not StoredFile.objects.exists() and kept(tmp_path) == []


def test_a_stale_page_keeps_nothing(send, make, town, tmp_path):
    item = make("in_progress")
    services.report_progress(town.hydro2, item, 10, "进展")
    assert send(town.hydro, item, "report", opinion="已完成").status_code == 409
    assert not StoredFile.objects.exists() and kept(tmp_path) == []


def test_one_bad_file_among_good_ones_keeps_nothing(send, make, town, tmp_path):
    item = make("in_progress")
    answer = send(town.hydro, item, "report", ("好.txt", "好".encode()), ("坏.pdf", b"MZ\x90\x00"), opinion="已完成")
    assert answer.status_code in (400, 415, 422) and WorkItem.objects.get(pk=item.pk).state == "in_progress"
    assert not StoredFile.objects.exists() and kept(tmp_path) == []


def test_a_change_between_check_and_act_rolls_the_rows_back(send, make, town, tmp_path, monkeypatch):
    item = make("in_progress")
    receive = files.receive

    def late(*args):
        services.report_progress(town.hydro2, WorkItem.objects.get(pk=item.pk), 10, "进展")
        return receive(*args)

    monkeypatch.setattr(files, "receive", late)
    assert send(town.hydro, item, "report", opinion="已完成").status_code == 409
    assert not StoredFile.objects.exists() and not ItemFile.objects.exists()
