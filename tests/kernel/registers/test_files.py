"""Files of objects taken off with a reason: listed, kept in the record, out of guards. Expected values by hand."""

import pytest
from django.urls import reverse

from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.registers import services
from ecocloud.kernel.registers.models import Attachment

pytestmark = pytest.mark.django_db


@pytest.fixture
def enter(client):
    """``enter(user)``: a browser of that person."""

    def make(user):
        client.force_login(user, backend="ecocloud.kernel.regions.signin.Backend")
        return client

    return make


@pytest.fixture
def held(place, wells, dig, photo):
    """A well with a photograph of the field 照片 and one of an inspection."""
    row = dig("甲井", department=place.units["east"])
    (file,) = services.attach(place.clerk, wells, "photo", [(row.pk, photo("井口.png"))])
    seen = services.inspect(place.clerk, wells, row.pk, "sealing", results={"filled": True}, photos=[photo("检查.png")])
    return row, file, seen.photos.get()


def test_files_and_photographs_are_listed_and_taken_off_with_a_reason(enter, place, held):
    row, file, seen = held
    browser, page = enter(place.clerk), reverse("registers:object", args=[row.pk])
    shown = browser.get(page).content.decode()
    for one in (file, seen):
        assert reverse("registers:detach", args=[one.pk]) in shown
    assert "井口.png" in shown and "封填检查" in shown
    refused = browser.post(reverse("registers:detach", args=[file.pk]), {"reason": " "})
    assert refused.status_code == 400 and "移除附件必须写明理由" in refused.content.decode()
    for one in (file, seen):
        assert browser.post(reverse("registers:detach", args=[one.pk]), {"reason": "拍错对象"}).status_code == 302
    browser.get(page)  # tells what was done, once
    told = browser.get(page).content.decode()
    assert "井口.png" not in told and "检查.png" not in told
    assert set(Attachment.objects.values_list("removed_reason", flat=True)) == {"拍错对象"}
    assert Entry.objects.filter(action="registers.object.detach", note="拍错对象").count() == 2


def test_the_other_county_takes_nothing_off(enter, place, held):
    _row, file, _seen = held
    assert enter(place.other).post(reverse("registers:detach", args=[file.pk]), {"reason": "x"}).status_code == 404
    assert enter(place.reader).post(reverse("registers:detach", args=[file.pk]), {"reason": "x"}).status_code == 403
    file.refresh_from_db()
    assert file.removed_at is None


def test_a_removed_file_is_not_given_out(enter, place, wells, held):
    _row, file, _seen = held
    services.detach(place.clerk, wells, file, reason="拍错")
    assert enter(place.clerk).get(reverse("registers:file", args=[file.pk])).status_code == 404
