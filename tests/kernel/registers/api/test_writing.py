"""Writing by the API of registers: objects, steps and inspections; conflicts and refusals of the services.

Oracles: `jsonschema` for every real answer, the services' own rules for refusals.
"""

import pytest
from jsonschema import Draft202012Validator

from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.registers import services
from ecocloud.kernel.registers.models import RegisterObject
from ecocloud.kernel.registers.register import open_register
from tests.kernel.registers.api.asking import LIST, ONE, held

pytestmark = pytest.mark.django_db


def test_create_edit_step_and_inspect_by_key(caller, place):
    call = caller("east", "registers/well:write")
    document = call.document()
    unit = place.units["east"].code
    point = {"type": "Point", "coordinates": [115, 27]}
    values = {"owner": "村", "depth": 35.55, "households": 12, "use": "drinking"}
    given = {"name": "新井", "region": "990102", "department": unit, "geometry": point, "values": values}
    Draft202012Validator({**document["components"]["schemas"]["well.create"]}).validate(given)
    answer = call("POST", "objects", given)
    made = held(document, LIST, "post", answer)
    assert answer.status_code == 201 and answer["Location"] == f"{LIST}/{made['id']}"
    assert made["values"] | {"depth": "35.55", "households": 12} == made["values"] and made["state"] == "found"
    assert held(document, ONE, "get", call("GET", f"objects/{made['id']}")) == made
    path = f"objects/{made['id']}"
    edited = held(document, ONE, "patch", call("PATCH", path, {"version": 1, "values": {"depth": None, "owner": "乡"}}))
    assert edited["version"] == 2 and "depth" not in edited["values"] and edited["values"]["owner"] == "乡"
    assert edited["geometry"] == made["geometry"] and edited["department"] == unit
    moved = held(document, f"{ONE}/steps", "post", call("POST", f"{path}/steps", {"action": "start", "version": 2}))
    assert (moved["state"], moved["version"]) == ("in_use", 3)
    results = {"filled": True, "level": 1.5}
    seen = held(document, f"{ONE}/inspections", "post",
                call("POST", f"{path}/inspections", {"kind": "sealing", "results": results}))  # fmt: skip
    assert seen["passed"] is True and seen["results"] == {"filled": True, "level": "1.5"}
    listed = held(document, f"{ONE}/inspections", "get", call("GET", f"{path}/inspections"))
    assert listed == {"items": [seen], "next": None}
    who = set(Entry.objects.filter(ref_kind="obj", ref_key=str(made["id"])).values_list("actor_name", flat=True))
    assert len(who) == 1 and "密钥" in who.pop()


def test_a_stale_version_is_a_conflict_and_the_version_is_obligatory(caller, some):
    call = caller("east", "registers:write")
    path = f"objects/{some.a.pk}"
    assert call("PATCH", path, {"version": 1, "name": "甲井一"}).status_code == 200
    late = call("PATCH", path, {"version": 1, "name": "甲井二"})
    problem = held(call.document(), ONE, "patch", late)
    assert (late.status_code, problem["code"]) == (409, "registers.stale")
    none = call("PATCH", path, {"name": "甲井三"})
    assert none.status_code == 400 and [fault["field"] for fault in none.json()["faults"]] == ["version"]
    some.a.refresh_from_db()
    assert some.a.name == "甲井一"


def test_a_guard_refuses_with_its_own_sentence(caller, some):
    call = caller("office", "registers:write", role="office")
    answer = call("POST", f"objects/{some.a.pk}/steps", {"action": "seal", "opinion": "干涸"})
    problem = held(call.document(), f"{ONE}/steps", "post", answer)
    assert answer.status_code == 409 and problem["reason"] == "guard"
    assert problem["detail"] == "Sealing needs a passed inspection and a photograph."
    assert problem["story"] and problem["message_zh"] == "封井须有封填检查合格的记录和照片。"
    ours = caller("east", "registers:write")("POST", f"objects/{some.a.pk}/steps", {"action": "seal"})
    assert ours.status_code == 403 and ours.json()["code"] == "registers.role"


def test_every_wrong_field_is_named(caller, place):
    call = caller("east", "registers:write")
    unit = place.units["east"].code
    values = {"depth": "deep", "use": "swim", "volume": 1, "strange": 2}
    answer = call("POST", "objects", {"name": "错井", "region": "990102", "department": unit, "values": values})
    problem = held(call.document(), LIST, "post", answer)
    assert answer.status_code == 400
    assert sorted(fault["field"] for fault in problem["faults"]) == ["depth", "strange", "use", "volume"]
    envelope = call("POST", "objects", {"region": "990102", "colour": "red", "on": "someday", "values": []})
    assert sorted(fault["field"] for fault in envelope.json()["faults"]) == ["colour", "name", "on", "values"]
    assert not RegisterObject.objects.exists()


def test_numbers_keep_every_digit(caller, place):
    call = caller("east", "registers:write")
    head = f'{{"name": "深井", "region": "990102", "department": "{place.units["east"].code}", '
    raw = head + '"values": {"owner": "x", "cost": 123456789012.37}}'
    made = call("POST", "objects", raw=raw).json()
    assert made["values"]["cost"] == "123456789012.37"


def test_a_reading_key_and_a_key_of_another_register_write_nothing(caller, some):
    body = {"version": 1, "name": "改名"}
    reading = caller("east", "registers:read")("PATCH", f"objects/{some.a.pk}", body)
    assert reading.status_code == 403
    narrow = caller("east", "registers/well:read", "registers/lake:write")("PATCH", f"objects/{some.a.pk}", body)
    assert narrow.status_code == 404 and narrow.json()["detail"] == "no register 'well' for this key"
    assert caller("east", "registers/lake:read")("GET", "objects").status_code == 404
    reader = caller("east", "registers:write", role="reader")("PATCH", f"objects/{some.a.pk}", body)
    assert reader.status_code == 403
    assert RegisterObject.objects.get(pk=some.a.pk).version == 1


def test_a_closed_year_and_a_duplicate_are_conflicts(caller, some, place, dig):
    call = caller("east", "registers:write")
    unit = place.units["east"].code
    same = call("POST", "objects", {"name": "另一口", "region": "990102", "department": unit,
                                    "values": {"owner": "甲", "dug_on": "2020-03-01"}})  # fmt: skip
    assert (same.status_code, same.json()["code"]) == (409, "registers.duplicate")
    services.lock_year(place.office, open_register("well"), place.city, 2020)
    locked = call("PATCH", f"objects/{some.a.pk}", {"version": 1, "values": {"depth": 11}})
    assert (locked.status_code, locked.json()["code"]) == (409, "registers.locked")
