"""Reading by the API of registers: who sees what, filters, orders, pages, past days, totals.

Oracles: `jsonschema` for every real answer, numbers worked out by hand from the rows each test makes.
"""

import json
from datetime import timedelta

import pytest

from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.registers import services
from ecocloud.kernel.registers.models import RegisterObject
from ecocloud.kernel.registers.register import open_register
from tests.kernel.registers.api.asking import LIST, ONE, ROOT, TODAY, held, names

pytestmark = pytest.mark.django_db


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
    services.edit(place.office, open_register("well"), some.w.pk, region=place.east, department=place.units["east"])
    seen = caller("east", "registers:read")("GET", f"objects/{some.w.pk}/versions").json()["items"]
    assert [one["version"] for one in seen] == [2]


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
    services.retire(place.office, open_register("well"), some.a.pk, reason="填埋")
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
    services.edit(place.office, open_register("well"), row.pk, given={"depth": "6"}, on=later)
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
