"""Bodies that are not what the API of registers takes: each refused as a problem with its remedy, nothing stored."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecocloud.kernel.registers.models import RegisterObject
from tests.kernel.registers.api.asking import LIST, held

pytestmark = pytest.mark.django_db


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
