"""Rule documents: what is read, and every fault with its path."""

import json

import pytest

from ecocloud.intake.monitoring.alarms import document as doc
from ecocloud.intake.monitoring.alarms import facts
from ecocloud.intake.monitoring.hj212.tables import TableError

LIMIT = {"is": "limit", "op": ">", "value": "1.5", "back": 1}


def rule(when=None, **more):
    given = {"cause": "exceed", "zh": "规则", "interval": "hour", "each": "all",
             "grades": [{"level": 1, "when": when or LIMIT}]}  # fmt: skip
    return given | more


def faults(given):
    with pytest.raises(doc.RuleFaults) as refused:
        doc.read(given)
    return refused.value.faults


def test_a_rule_is_read():
    found = doc.read(rule(windows=[{"months": [6, 7], "from": "22:00", "to": "06:30"}], duty={"level": 1, "days": 3}))
    assert found.grades == (doc.Grade(1, doc.Limit("", ">", 1_500_000, None, 1_000_000), 1),)
    assert found.windows == (doc.Window((6, 7), (), 22 * 60, 6 * 60 + 30),)
    assert (found.duty, found.acknowledge, found.each) == (doc.Duty(1, "problem", 3), 60, None)
    assert found.subjects(("a", "b")) == ("a", "b")


def test_every_fault_is_named_at_once():
    count = {"is": "count", "least": 5, "among": 3, "what": {"is": "wish"}}
    when = {"all": [{"is": "limit", "op": "!", "value": "x"}, count]}
    given = rule(when=when, interval="week", surprise=1, windows=[{"from": "25:00"}], acknowledge=True)  # fmt: skip
    assert set(faults(given)) == {
        "surprise", "interval", "windows.0.from", "acknowledge", "grades.0.when.all.0.op",
        "grades.0.when.all.0.value", "grades.0.when.all.1.least", "grades.0.when.all.1.what.is",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("when", "path"),
    [
        ({"is": "limit", "op": ">", "value": 1, "percent": 2}, "grades.0.when.value"),
        ({"is": "limit", "op": ">"}, "grades.0.when.value"),
        ({"is": "limit", "op": ">", "value": 1, "back": 2}, "grades.0.when.back"),
        ({"is": "limit", "op": "<", "value": 1, "back": 0}, "grades.0.when.back"),
        ({"is": "limit", "op": ">", "value": float("nan")}, "grades.0.when.value"),
        ({"is": "no_data", "intervals": 1}, "grades.0.when.intervals"),
        ({"is": "rate", "change": 0, "minutes": 5}, "grades.0.when.change"),
        ({"is": "flat", "minutes": 60, "least": 1}, "grades.0.when.least"),
        ({"is": "lasting", "minutes": 5, "what": {"is": "no_data"}}, "grades.0.when.what"),
        ({"any": [{"is": "no_data"}]}, "grades.0.when.any"),
        ({"any": [], "all": []}, "grades.0.when.all"),
        ("x", "grades.0.when.is"),
    ],
)
def test_faults_of_conditions(when, path):
    assert path in faults(rule(when=when))


def test_bounds_of_the_whole():
    assert "规则" in faults([])
    assert "grades" in faults(rule(grades=[]))
    two = [{"level": 2, "when": {"is": "no_data"}}, {"level": 1, "when": {"is": "no_data"}}]
    assert "grades" in faults(rule(grades=two))
    deep = {"is": "no_data"}
    for _ in range(6):
        deep = {"any": [deep, {"is": "no_data"}]}
    assert any("嵌套" in text for text in faults(rule(when=deep)).values())


def test_a_rule_for_the_whole_device_names_its_factors():
    assert "grades.0.when" in faults(rule(each=None))
    found = doc.read(rule(when={"is": "limit", "factor": "a", "op": ">", "value": 1}, each=None))
    assert (found.subjects(("a", "b")), found.subjects(("b",))) == (("",), ())
    assert doc.read(rule(when={"is": "no_data"}, each=None)).subjects(()) == ("",)


def test_a_limit_relative_to_the_channels_own():
    limit = doc.read(rule(when={"is": "limit", "op": ">", "percent": 90, "back": 85})).grades[0].when
    assert doc.measure(limit, 50_000_000) == (45_000_000, 42_500_000)
    assert doc.measure(limit, None) == (None, None)


def test_the_rules_given_are_json_and_can_be_read():
    given = facts.given_rules()
    assert len({one.code for one in given}) == len(given) > 5
    for one in given:
        doc.read(json.loads(json.dumps(one.document)))
    with pytest.raises(TableError, match="grades"):
        facts.read_rules("rules:\n  - {code: xx, citation: 无, mark: from_memory, document: {cause: c, zh: z, "
                         "interval: hour, each: all, grades: []}}\n")  # fmt: skip
