"""The API of registers: what it answers, refuses and describes.

Oracles: `openapi-spec-validator` for the document, `jsonschema` for every real answer, the services' own rules for
refusals, numbers worked out by hand from the rows each test makes.
"""

import hashlib
import json
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.regions import services as accounts
from ecocloud.kernel.regions.models import User
from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.registers import services
from ecocloud.kernel.registers.api import cursors, schemas
from ecocloud.kernel.registers.api.cursors import CursorRefused
from ecocloud.kernel.registers.models import RegisterObject

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/registers/well"
TODAY = timezone.localdate()


def account(name, role, department):
    user, _ = accounts.create_account(CONSOLE, username=name, name=name, department=department, service=True)
    accounts.grant_role(CONSOLE, user, role)
    return User.objects.get(pk=user.pk)


@pytest.fixture
def caller(place, wells, client):
    """``caller("east", "registers:write")``: calls by a new key of that county's account."""
    cache.clear()
    made = {}

    def make(unit, *scopes, role="department"):
        if (unit, role) not in made:
            made[unit, role] = account(f"feed-{unit}-{role}", role, place.units[unit])
        last = TODAY + timedelta(days=9)
        _, token = accounts.issue_key(CONSOLE, made[unit, role], name="对接", scopes=scopes, expires_on=last,
                                      per_minute=6000)  # fmt: skip
        key = {"HTTP_AUTHORIZATION": f"Bearer {token}"}

        def call(method, path, body=None, raw=None, kind="application/json"):
            content = raw if raw is not None else json.dumps(body) if body is not None else ""
            url = path if path.startswith("/") else f"{ROOT}{'/' if path else ''}{path}"
            return client.generic(method, url, content, content_type=kind, **key)

        call.user = made[unit, role]
        call.document = lambda query="": call("GET", f"/api/v1/openapi.json{query}").json()
        return call

    return make


def held(document, path, method, answer):
    """The answer's body, after it was held against the schema that the document gives for its status."""
    call = document["paths"][path][method]
    told = call["responses"][str(answer.status_code)]["content"]
    kind = answer["Content-Type"].partition(";")[0]
    schema = {**told[kind]["schema"], "components": document["components"]}
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(answer.json())
    return answer.json()


LIST, ONE = f"{ROOT}/objects", f"{ROOT}/objects/{{id}}"


# -- cursors and schemas -----------------------------------------------------------------------------------------------


@given(st.one_of(st.none(), st.text(max_size=20)), st.text(max_size=20))
def test_a_cursor_is_read_as_it_was_written(value, last):
    assert cursors.read(cursors.write("name", value, last), "name", str) == (value, last)


@given(st.text(max_size=40))
@settings(max_examples=200)
def test_what_is_no_cursor_is_refused_and_never_an_error(text):
    with pytest.raises(CursorRefused):
        cursors.read(text, "name", str)


def test_a_cursor_of_another_order_or_type_is_refused():
    for text in (cursors.write("code", "a", "b"), cursors.write("name", 5, "b"), cursors.write("name", "a", "b")[:-3]):
        with pytest.raises(CursorRefused):
            cursors.read(text, "name", str)
    with pytest.raises(CursorRefused):
        cursors.number(cursors.write("versions", None, -1), "versions")
    assert cursors.read(cursors.write("d", date(2026, 1, 2), "x"), "d", date) == (date(2026, 1, 2), "x")


def test_the_schema_of_a_type_is_valid_and_accepts_its_own_examples(well):
    whole = schemas.whole(well)
    Draft202012Validator.check_schema(whole)
    writing = Draft202012Validator(whole["$defs"]["create"], format_checker=FormatChecker())
    for example in well.examples:
        values = {code: (str(value) if isinstance(value, float | date) else value)
                  for code, value in example.values.items()}  # fmt: skip
        writing.validate({"name": example.name, "region": "990102", "geometry": example.geometry, "values": values})
    wrong = ({"use": "trade"}, {"depth": "ten"}, {"depth": 3000.5}, {"volume": "1"}, {"photo": 1}, {"strange": 1},
             {"households": 1.5})  # fmt: skip
    for values in wrong:  # deprecated entry, no number, above the maximum, computed, file, unknown, not whole
        assert list(writing.iter_errors({"name": "a", "region": "990102", "values": {"owner": "x"} | values})), values
    missing = list(writing.iter_errors({"name": "a", "region": "990102", "values": {}}))
    assert [error.message for error in missing] == ["'owner' is a required property"]


def test_every_type_of_every_pack_has_a_valid_schema():
    from ecocloud.kernel.registers import pack

    count = 0
    for code in pack.own_packs():
        for definition in pack.read(pack.folder_of(code)).types:
            Draft202012Validator.check_schema(schemas.whole(definition))
            count += 1
    assert count > 10


# -- the document ------------------------------------------------------------------------------------------------------


def test_the_document_is_valid_openapi_and_lists_what_the_caller_may_call(caller, place):
    whole = caller("east", "registers:write", "evidence:read").document()
    OpenAPIV31SpecValidator(whole).validate()
    assert {"get", "post"} <= set(whole["paths"][LIST]) and "patch" in whole["paths"][ONE]
    assert "/api/evidence/indicators" in whole["paths"] and "/api/duties/items" not in whole["paths"]
    assert "post" not in whole["paths"]["/api/evidence/observations"]
    reading = caller("east", "registers/well:read").document()
    OpenAPIV31SpecValidator(reading).validate()
    calls = {(path, method) for path, item in reading["paths"].items() for method in item if method != "parameters"}
    assert {method for _, method in calls} == {"get"} and (LIST, "get") in calls
    assert all(path.startswith("/api/v1/registers/") for path, _ in calls)
    other = caller("east", "registers/lake:write").document()
    assert [path for path in other["paths"] if "well" in path] == []
    assert caller("east", "registers:read").document("?registers=lake")["paths"].keys() == {"/api/v1/registers/"}


def test_the_page_of_the_document_reads_without_a_script_or_another_host(client, place, wells):
    client.force_login(place.clerk, backend="ecocloud.kernel.regions.signin.Backend")
    index = client.get("/docs/api/").content.decode()
    assert "?tag=well" in index and "水源井" in index
    page = client.get("/docs/api/?tag=well").content.decode()
    assert "/api/v1/registers/well/objects" in page and "f.depth.from" in page and "http://testserver" not in page
    assert "https://" not in page.replace("https://json-schema.org", "")
    other = client.get("/docs/api/?tag=nothing")
    assert other.status_code == 200


def test_the_table_of_registers_and_the_definition(caller, well):
    call = caller("east", "registers/well:read")
    document = call.document()
    (one,) = held(document, "/api/v1/registers/", "get", call("GET", "/api/v1/registers/"))["items"]
    assert (one["code"], one["objects"]) == ("well", LIST)
    assert held(document, ROOT, "get", call("GET", ""))["definition"] == well.as_json()
    schema = held(document, f"{ROOT}/schema", "get", call("GET", "schema"))
    assert schema["$defs"]["object"] == document["components"]["schemas"]["well.object"]
    assert caller("east", "registers/lake:read")("GET", "/api/v1/registers/").json()["items"] == []


# -- reading -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def some(dig, place):
    """Three wells in the east, one in the west."""
    east, west = place.units["east"], place.units["west"]
    return SimpleNamespace(
        a=dig("甲井", owner="甲", depth="10.5", dug_on="2020-03-01", department=east, geometry=[115.1, 27.1]),
        b=dig("乙井", owner="乙", depth="30", use="farming", department=east),
        c=dig("丙井", owner="丙", cost="3", metered="true", department=east, region=place.town),
        w=dig("西井", owner="丁", depth="20", department=west, region=place.west),
    )


def names(answer):
    assert answer.status_code == 200, answer.content
    return [one["name"] for one in answer.json()["items"]]


def test_a_list_answers_its_schema_and_is_journalled(caller, some):
    call = caller("east", "registers:read")
    document = call.document()
    items = held(document, LIST, "get", call("GET", "objects"))["items"]
    first = next(one for one in items if one["name"] == "甲井")
    assert (first["values"]["depth"], first["year"], first["version"]) == ("10.5", 2020, 1)
    assert first["geometry"] == {"type": "Point", "coordinates": [115.1, 27.1]}
    assert first["department"] == some.a.department.code and first["ref"] == f"obj:{some.a.pk}"
    entry = Entry.objects.get(action="registers.api.read")
    assert json.loads(entry.after) == {"query": "", "rows": 3} and "密钥" in entry.actor_name


def test_a_key_of_one_county_never_reads_writes_or_counts_another(caller, some):
    call = caller("east", "registers:write")
    assert names(call("GET", "objects?order=name")) == sorted(["丙井", "乙井", "甲井"])
    assert names(call("GET", "objects?region=990103")) == []
    strange = f"objects/{some.w.pk}"
    tries = [
        ("GET", strange, None), ("GET", f"{strange}?as_of={TODAY}", None), ("GET", f"{strange}/versions", None),
        ("GET", f"{strange}/inspections", None), ("PATCH", strange, {"version": 1, "values": {"owner": "x"}}),
        ("POST", f"{strange}/steps", {"action": "start"}),
        ("POST", f"{strange}/inspections", {"kind": "sealing", "results": {"filled": True}}),
    ]  # fmt: skip
    for method, path, body in tries:
        answer = call(method, path, body)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json"), (method, path)
    assert names(call("GET", f"objects?as_of={TODAY}")) == ["甲井", "乙井", "丙井"]
    made = call("POST", "objects", {"name": "越界", "region": "990103", "department": some.w.department.code,
                                    "values": {"owner": "戊"}})  # fmt: skip
    assert made.status_code == 403
    moved = call("PATCH", f"objects/{some.a.pk}", {"version": 1, "department": some.w.department.code})
    assert moved.status_code == 403
    rows = call("GET", "statistics?by=county").json()["rows"]
    assert [(row["key"], row["count"]) for row in rows] == [({"county": "990102"}, 3)]
    assert not RegisterObject.objects.filter(name="越界").exists()
    some.a.refresh_from_db()
    assert some.a.version == 1


def test_the_same_data_as_the_pages_for_a_session(client, place, some):
    client.force_login(place.clerk, backend="ecocloud.kernel.regions.signin.Backend")
    assert names(client.get(f"{ROOT}/objects")) == ["甲井", "乙井", "丙井"]


def test_history_from_when_an_object_lay_elsewhere_stays_there(caller, some, place):
    services.edit(place.office, _register(), some.w.pk, region=place.east, department=place.units["east"])
    seen = caller("east", "registers:read")("GET", f"objects/{some.w.pk}/versions").json()["items"]
    assert [one["version"] for one in seen] == [2]


def _register():
    from ecocloud.kernel.registers.register import open_register

    return open_register("well")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("f.depth.from=10.5&f.depth.to=29.9", ["甲井"]),
        ("f.depth=30", ["乙井"]),
        ("f.use=farming&f.use=drinking", ["乙井"]),
        ("f.metered=true", ["丙井"]),
        ("f.dug_on.to=2020-03-01", ["甲井"]),
        ("year=2020&year=2021", ["甲井"]),
        ("region=990102101", ["丙井"]),
        ("name=井&order=-depth", ["乙井", "甲井", "丙井"]),
        ("order=depth", ["甲井", "乙井", "丙井"]),
        ("box=115,27,115.2,27.2", ["甲井"]),
        ("state=in_use", []),
        ("code=nothing", []),
    ],
)
def test_filters_and_orders(caller, some, query, expected):
    assert names(caller("east", "registers:read")("GET", f"objects?{query}")) == expected


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("strange=1", "strange"), ("f.owners=1", "f.owners"), ("f.owner.from=1", "f.owner.from"), ("limit=0", "limit"),
        ("limit=201", "limit"), ("limit=x", "limit"), ("year=20", "year"), ("state=gone", "state"),
        ("department=none", "department"), ("region=x", "region"), ("box=1,2,3", "box"), ("box=9,9,1,1", "box"),
        ("as_of=yesterday", "as_of"), ("as_of=2026-01-01&f.depth=1", "as_of"), ("fields=depth,photo", "fields"),
        ("retired=maybe", "retired"), ("f.depth=1&f.depth.from=1", "f.depth"),
    ],
)  # fmt: skip
def test_a_parameter_that_is_wrong_is_named_not_passed_over(caller, some, query, field):
    call = caller("east", "registers:read")
    answer = call("GET", f"objects?{query}")
    assert answer.status_code == 400
    problem = held(call.document(), LIST, "get", answer)
    assert problem["code"] == "registers.values" and [fault["field"] for fault in problem["faults"]] == [field]
    assert problem["detail"].isascii() and problem["type"] == "urn:ecocloud:problem:registers.values"


@pytest.mark.parametrize(
    "query", ["f.depth=deep", "f.depth=e5", "order=remark", "order=-owner,code", "cursor=abc", "f.use=strange"]
)
def test_a_filter_that_cannot_be_is_a_problem(caller, some, query):
    answer = caller("east", "registers:read")("GET", f"objects?{query}")
    assert answer.status_code == 400 and answer.json()["code"] in ("registers.filter", "registers.cursor")


@pytest.mark.parametrize(
    "order", ["code", "-code", "depth", "-depth", "year", "-year", "name", "owner", "region", "dug_on"]
)
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_hold_every_row_once_in_the_order_of_the_whole_list(caller, some, dig, place, order, limit):
    east = place.units["east"]
    for number in range(3):
        dig(f"丁井{number}", owner="同", depth="30", dug_on=f"2019-0{number + 1}-01", department=east)
    call = caller("east", "registers:read")
    whole = names(call("GET", f"objects?order={order}"))
    assert len(whole) == 6
    found, after = [], ""
    for _ in range(10):
        answer = call("GET", f"objects?order={order}&limit={limit}" + (f"&cursor={after}" if after else ""))
        found += names(answer)
        after = answer.json()["next"]
        if after is None:
            break
    assert found == whole


def test_rows_that_come_and_go_between_pages_hide_and_repeat_nothing(caller, some, dig, place):
    call = caller("east", "registers:read")
    first = call("GET", "objects?limit=2").json()
    services.retire(place.office, _register(), some.a.pk, reason="填埋")
    dig("新井", owner="新", department=place.units["east"])
    second = call("GET", f"objects?limit=9&cursor={first['next']}").json()
    codes = [one["name"] for one in first["items"] + second["items"]]
    assert codes == ["甲井", "乙井", "丙井", "新井"] and second["next"] is None
    assert names(call("GET", "objects")) == ["乙井", "丙井", "新井"]
    assert names(call("GET", "objects?retired=true")) == ["甲井", "乙井", "丙井", "新井"]
    assert names(call("GET", "objects?state=retired")) == ["甲井"]


def test_fields_narrow_the_answer(caller, some):
    items = caller("east", "registers:read")("GET", "objects?fields=depth").json()["items"]
    assert items[0]["values"] == {"depth": "10.5"} and "geometry" not in items[0]
    with_place = caller("east", "registers:read")("GET", "objects?fields=geometry").json()["items"]
    assert with_place[0]["geometry"]["type"] == "Point" and with_place[0]["values"] == {}


def test_as_of_a_day_one_and_all(caller, dig, place):
    past, later = TODAY - timedelta(days=30), TODAY - timedelta(days=10)
    row = dig("旧井", owner="旧", depth="5", on=past, department=place.units["east"])
    services.edit(place.office, _register(), row.pk, given={"depth": "6"}, on=later)
    call = caller("east", "registers:read")
    document = call.document()
    for day, depth, number in ((past, "5", 1), (later - timedelta(days=1), "5", 1), (later, "6", 2), (TODAY, "6", 2)):
        one = held(document, ONE, "get", call("GET", f"objects/{row.pk}?as_of={day}"))
        assert (one["values"]["depth"], one["version"], one["as_of"]) == (depth, number, str(day))
        (same,) = held(document, LIST, "get", call("GET", f"objects?as_of={day}&state=found"))["items"]
        assert same == one
    before = past - timedelta(days=1)
    assert call("GET", f"objects/{row.pk}?as_of={before}").status_code == 404
    assert names(call("GET", f"objects?as_of={before}")) == []
    versions = held(document, f"{ONE}/versions", "get", call("GET", f"objects/{row.pk}/versions"))["items"]
    assert [(one["version"], one["valid_from"], one["valid_to"], one["action"]) for one in versions] == [
        (1, str(past), str(later), "create"),
        (2, str(later), None, "edit"),
    ]
    paged = call("GET", f"objects/{row.pk}/versions?limit=1").json()
    more = call("GET", f"objects/{row.pk}/versions?limit=1&cursor={paged['next']}").json()
    assert [paged["items"][0]["version"], more["items"][0]["version"], more["next"]] == [1, 2, None]


def test_past_pages_by_cursor(caller, some):
    call = caller("east", "registers:read")
    first = call("GET", f"objects?as_of={TODAY}&limit=2").json()
    second = call("GET", f"objects?as_of={TODAY}&limit=2&cursor={first['next']}").json()
    assert [one["name"] for one in first["items"] + second["items"]] == ["甲井", "乙井", "丙井"]


def test_statistics_by_hand(caller, some):
    call = caller("east", "registers:read")
    answer = held(call.document(), f"{ROOT}/statistics", "get", call("GET", "statistics?by=state,department"))
    ((row),) = answer["rows"]
    assert row["key"] == {"state": "found", "department": some.a.department.code} and row["count"] == 3
    assert row["sums"] == {"depth": "40.5", "cost": "3"}  # 10.5 + 30; 3
    assert call("GET", "statistics?by=owner").status_code == 400
    assert call("GET", "statistics?region=000000").json()["faults"][0]["field"] == "region"


# -- writing -----------------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    "raw",
    ["", "{", "[1]", '"x"', '{"name": NaN}', '{"name": "\\ud800", "region": "990102", "values": {"owner": "x"}}',
     '{"name": "a", "region": "990102", "values": {"owner": "a\\u0000b"}}', "[" * 5000],
)  # fmt: skip
def test_what_is_no_json_object_is_refused_as_a_problem(caller, raw):
    answer = caller("east", "registers:write")("POST", "objects", raw=raw)
    assert (answer.status_code, answer["Content-Type"]) == (400 if raw else 415, "application/problem+json")
    assert not RegisterObject.objects.exists()


def test_another_kind_of_body_and_one_too_large(caller):
    call = caller("east", "registers:write")
    form = call("POST", "objects", raw="name=x", kind="application/x-www-form-urlencoded")
    assert form.status_code == 415 and form.json()["value"] == "application/x-www-form-urlencoded"
    assert form.json()["remedy_zh"] == "请把 Content-Type 写为 application/json。"
    large = json.dumps({"name": "x" * 1_100_000})
    told = call("POST", "objects", raw=large)
    assert (told.status_code, told.json()["detail"]) == (413, "the body is larger than 1048576 bytes")
    larger = call("POST", "objects", raw="[" + "1," * 3_000_000 + "1]")
    assert (larger.status_code, larger["Content-Type"]) == (400, "application/problem+json")
    assert larger.json()["remedy_zh"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("use", ["farming"]), ("use", {"x": 1}), ("use", 3), ("use", True), ("owner", ["x"]), ("owner", []),
        ("owner", {"x": 1}), ("owner", 7), ("owner", False), ("owner", None), ("owner", "x" * 900_000), ("depth", True),
        ("depth", [1]), ("depth", {}), ("depth", "NaN"), ("depth", "Infinity"), ("depth", "9" * 5000),
        ("dug_on", 20200301), ("dug_on", ["2020-03-01"]), ("dug_on", True), ("strange", 1), ("x" * 5000, 1),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_named_with_its_remedy_and_not_stored(caller, place, field, value):
    call = caller("east", "registers:write")
    body = {"name": "错井", "region": "990102", "department": place.units["east"].code,
            "values": {"owner": "甲", field: value}}  # fmt: skip
    answer = call("POST", "objects", body)
    told = held(call.document(), LIST, "post", answer)
    assert answer.status_code == 400 and len(answer.content) < 4000
    (fault,) = told["faults"]
    assert fault["field"] == field[:80] and fault["message_zh"] and fault["message_en"] and fault["remedy_zh"]
    assert value is None or fault["value"]
    assert not RegisterObject.objects.exists()


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ('{"name": "a", "region": "990102", "on": 0, "values": {"owner": "x"}}', "on"),
        ('{"name": ["a"], "region": "990102", "values": {"owner": "x"}}', "name"),
        ('{"name": "a", "region": 990102, "values": {"owner": "x"}}', "region"),
        ('{"name": "a", "region": {"x": 1}, "values": {"owner": "x"}}', "region"),
        ('{"name": "a", "region": "990102", "values": [1]}', "values"),
        ('{"name": "a", "region": "990102", "department": 1, "values": {}}', "department"),
        ('{"name": "a", "region": "990102", "code": [], "values": {}}', "code"),
    ],
)  # fmt: skip
def test_a_wrong_part_of_the_body_is_named_with_its_remedy(caller, raw, field):
    answer = caller("east", "registers:write")("POST", "objects", raw=raw)
    assert answer.status_code == 400
    (fault,) = answer.json()["faults"]
    assert fault["field"] == field and fault["value"] and fault["remedy_zh"]
    assert not RegisterObject.objects.exists()


def test_constants_and_depth_of_no_json_are_refused_with_the_remedy(caller):
    call = caller("east", "registers:write")
    for raw in ('{"values": {"depth": Infinity}}', '{"values": ' + "[" * 60 + "]" * 60 + "}"):
        told = call("POST", "objects", raw=raw)
        assert told.status_code == 400 and told.json()["remedy_zh"] and told.json()["value"].startswith('{"values"')
    assert call("DELETE", "objects").status_code == 405
    assert call("PATCH", "objects", {}).status_code == 405


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.just("2020-03-01")),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8,
)
_CODES = ("owner", "depth", "diameter", "use", "dug_on", "cost", "volume", "photo", "shared", "permit_until", "x")


@pytest.fixture
def writer(caller):
    return caller("east", "registers:write")


@given(
    body=st.dictionaries(
        st.sampled_from(["name", "region", "department", "code", "geometry", "values", "on", "note", "version",
                         "action", "opinion", "kind", "results", "x"]), JSON, max_size=6),
    values=st.dictionaries(st.sampled_from(_CODES), JSON, max_size=4),
    call_=st.sampled_from(["create", "edit", "step", "inspect"]),
)  # fmt: skip
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_json_at_all_brings_the_service_down(writer, some, place, body, values, call_):
    call = writer
    whole = {
        "create": {"name": "甲", "region": "990102", "department": place.units["east"].code},
        "edit": {"version": RegisterObject.objects.get(pk=some.a.pk).version},
        "step": {"action": "open"}, "inspect": {"kind": "sealing", "results": values},
    }[call_]  # fmt: skip
    if call_ != "inspect":
        whole["values"] = values
    path = {"create": "objects", "edit": f"objects/{some.a.pk}", "step": f"objects/{some.a.pk}/steps",
            "inspect": f"objects/{some.a.pk}/inspections"}[call_]  # fmt: skip
    answer = call("PATCH" if call_ == "edit" else "POST", path, {**whole, **body})
    assert answer.status_code in (200, 201) or 400 <= answer.status_code < 500
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json" and answer.json()["code"]


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
    services.lock_year(place.office, _register(), place.city, 2020)
    locked = call("PATCH", f"objects/{some.a.pk}", {"version": 1, "values": {"depth": 11}})
    assert (locked.status_code, locked.json()["code"]) == (409, "registers.locked")


def test_a_list_costs_the_same_for_ten_and_a_hundred(caller, dig, place, django_assert_max_num_queries):
    call = caller("east", "registers:read")
    for number in range(10):
        dig(f"井{number}", owner=f"村{number}", department=place.units["east"])
    call("GET", "objects")
    with django_assert_max_num_queries(12) as few:
        call("GET", "objects?limit=100")
    for number in range(10, 60):
        dig(f"井{number}", owner=f"村{number}", department=place.units["east"])
    with django_assert_max_num_queries(12) as many:
        assert len(names(call("GET", "objects?limit=100"))) == 60
    assert len(many.captured_queries) == len(few.captured_queries)


# -- files ------------------------------------------------------------------------------------------------------------

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
