"""Files by the API of registers: sent, listed, taken within reach; what does not fit is refused."""

import hashlib
from datetime import timedelta

import pytest
from django.core.cache import cache, caches
from django.core.files.uploadedfile import SimpleUploadedFile

from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.regions import services as accounts
from ecocloud.kernel.regions.services import CONSOLE
from tests.kernel.registers.api.asking import ROOT, TODAY, account, held

pytestmark = pytest.mark.django_db

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


def _key(place, unit, *scopes):
    user = account(f"files-{unit}-{scopes[0].partition(':')[2]}", "department", place.units[unit])
    _, token = accounts.issue_key(CONSOLE, user, name="附件", scopes=scopes, expires_on=TODAY + timedelta(days=9),
                                  per_minute=6000)  # fmt: skip
    return {"HTTP_AUTHORIZATION": f"Bearer {token}"}


def test_files_are_sent_listed_and_taken_within_reach_and_journalled(client, caller, some, place, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    cache.clear()
    caches["shared"].clear()
    key = _key(place, "east", "registers:write")
    address = f"{ROOT}/objects/{some.a.pk}/files"
    document = client.get("/api/v1/openapi.json", **key).json()
    path = f"{ROOT}/objects/{{id}}/files"
    up = [SimpleUploadedFile("a.png", PNG), SimpleUploadedFile("b.png", PNG)]
    made = client.post(address, {"field": "photo", "files": up}, **key)
    assert made.status_code == 201
    one, two = held(document, path, "post", made)["items"]
    assert (one["name"], one["field"], one["size"], one["kind"]) == ("a.png", "photo", len(PNG), "png")
    assert one["sha256"] == hashlib.sha256(PNG).hexdigest()
    first = held(document, path, "get", client.get(f"{address}?limit=1", **key))
    assert [row["id"] for row in first["items"]] == [two["id"]]
    rest = client.get(f"{address}?limit=1&cursor={first['next']}", **key).json()
    assert [row["id"] for row in rest["items"]] == [one["id"]] and rest["next"] is None
    taken = client.get(f"{address}/{one['id']}", **key)
    assert b"".join(taken.streaming_content) == PNG and "a.png" in taken["Content-Disposition"]
    assert Entry.objects.filter(action="registers.file.download").count() == 1
    assert Entry.objects.filter(action="registers.object.attach").count() == 2
    west, reading = _key(place, "west", "registers:write"), _key(place, "east", "registers:read")
    assert [client.get(url, **west).status_code for url in (address, f"{address}/{one['id']}")] == [404, 404]
    more = lambda: {"field": "photo", "files": SimpleUploadedFile("c.png", PNG)}  # noqa: E731
    assert client.post(address, more(), **west).status_code == 404
    assert client.get(address, **reading).status_code == 200
    assert client.post(address, more(), **reading).status_code == 403
    assert client.get(f"{ROOT}/objects/{some.b.pk}/files/{one['id']}", **key).status_code == 404


def test_an_upload_that_does_not_fit_is_refused_and_keeps_nothing(client, some, place, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    cache.clear()
    caches["shared"].clear()
    key = _key(place, "east", "registers:write")
    address = f"{ROOT}/objects/{some.a.pk}/files"

    def refused(**parts):
        told = client.post(address, parts, **key)
        assert told["Content-Type"] == "application/problem+json" and told.json()["message_zh"]
        return told.status_code

    png = lambda name="a.png": SimpleUploadedFile(name, PNG)  # noqa: E731
    assert refused(field="photo", files=SimpleUploadedFile("a.png", b"MZ\x90\x00 no picture")) == 400
    assert refused(field="photo", files=png("a.pdf")) == 400
    assert refused(field="owner", files=png()) == 404
    assert refused(field="photo") == 400
    assert refused(field="photo", files=[png() for _ in range(21)]) == 400
    assert refused(field="photo", files=png(), colour="red") == 400
    told = client.post(address, "{}", content_type="application/json", **key)
    assert told.status_code == 415 and told.json()["remedy_zh"]
    assert client.get(address, **key).json() == {"items": [], "next": None}
