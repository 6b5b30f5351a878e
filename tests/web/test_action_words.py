"""Every action that anything in the package writes into the journal has Chinese and English words.

The actions are found in the source: literals given to ``.log(`` and ``announce(``, literals passed on to a
function that logs, and the transition tables. Expected: each is in the words that the rooms declare.
"""

import ast
import re
from pathlib import Path

import ecocloud
from ecocloud.base.rooms import action_words, all_rooms
from ecocloud.kernel.duties.kinds import all_kinds
from ecocloud.kernel.evidence.models import Observation

PACKAGE = Path(ecocloud.__file__).parent
ROOMS = {room.name for room in all_rooms()} | {"sheets"}
CODE = re.compile(r"([a-z]+)(\.[a-z_]+){1,2}(-[a-z]+)*")


def first_of(call):
    """The action argument of a call that logs: the first of ``x.log(...)``, the second of ``announce(user, event)``."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name == "log" and call.args:
        return call.args[0]
    return call.args[1] if name == "announce" and len(call.args) > 1 else None


def found_actions():
    """``(literal codes, prefixes of f-strings, number of calls)`` over the whole package."""
    codes, prefixes, calls = set(), set(), 0
    declared = {permission.code for room in all_rooms() for permission in room.permissions}
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        passed_on = False
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            action = first_of(call)
            if isinstance(action, ast.Constant) and isinstance(action.value, str) and CODE.fullmatch(action.value):
                codes.add(action.value)
                calls += 1
            elif isinstance(action, ast.JoinedStr) and isinstance(action.values[0], ast.Constant):
                prefixes.add(action.values[0].value)
                calls += 1
            elif isinstance(action, ast.Name):
                passed_on = True
        if passed_on:  # a helper logs what it is given: every code of the room that this module hands to a call
            for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
                given = [*call.args, *(word.value for word in call.keywords if word.arg == "action")]
                texts = {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}
                codes |= {
                    text for text in texts
                    if CODE.fullmatch(text) and text.count(".") == 2 and text.split(".")[0] in ROOMS
                } - declared  # fmt: skip
    return codes, prefixes, calls


def test_the_scan_sees_the_calls():
    codes, prefixes, calls = found_actions()
    assert calls > 60
    assert {"regions.signin", "regions.department.rename", "evidence.target.set", "sheets.commit"} <= codes
    assert {"duties.item.", "evidence.observation.", "documents.record."} <= prefixes


def test_every_action_has_words_in_both_languages():
    codes, prefixes, _calls = found_actions()
    words = action_words()
    assert sorted(codes - set(words)) == [], "add them to the room's action_words.py"
    steps = {f"duties.item.{row.action}" for kind in all_kinds().values() for row in kind.transitions}
    states = {f"evidence.observation.{value}" for value in Observation.Status.values}
    assert sorted((steps | states) - set(words)) == []
    assert [prefix for prefix in sorted(prefixes) if not any(code.startswith(prefix) for code in words)] == []
    assert [code for code, (zh, en) in words.items() if not re.search(r"[\u4e00-\u9fff]", zh) or not en.isascii()] == []


def test_records_of_documents_are_decided_with_known_words():
    """What the steps of the review write: the third argument of ``step`` and every ``action=`` of their records."""
    given = set()
    for path in sorted((PACKAGE / "intake/documents/services").glob("*.py")):
        for call in (one for one in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(one, ast.Call)):
            said = call.args[2:3] if getattr(call.func, "id", "") == "step" else []
            said += [word.value for word in call.keywords if word.arg == "action"]
            given |= {one.value for one in said if isinstance(one, ast.Constant) and one.value}
    # A bulk step writes what it did to each record.
    actions = given - {"bulk"} | {"undo", "redo"}
    assert {"accept", "reject", "split", "merge", "respan", "add", "compare"} <= actions
    assert sorted(f"documents.record.{one}" for one in actions if f"documents.record.{one}" not in action_words()) == []
