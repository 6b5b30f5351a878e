"""Versions of a definition: allowed changes keep every old object readable as it was; everything else is a conflict."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.kernel.registers import changes, slots, values
from ecocloud.kernel.registers.changes import Lifting, lift, plan
from ecocloud.kernel.registers.definition import FieldSpec
from ecocloud.kernel.registers.reading import read_type


def edited(well_text, *pairs):
    text = well_text
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return read_type(text, "well.yaml")


@pytest.mark.parametrize(
    ("pairs", "kinds"),
    [
        ([("zh: 井深", "zh: 深度")], ["words"]),
        ([("columns:", "  - {code: extra, zh: 其他, en: Extra, kind: text, section: use}\ncolumns:")], ["add"]),
        ([("max_length: 20", "max_length: 40")], ["widen"]),
        ([("decimals: 2, minimum: 0, maximum: 3000", "decimals: 3, maximum: 5000")], ["widen"] * 3),
        ([("kind: text, section: base, required: true", "kind: text, section: base")], ["widen"]),
        ([("kind: integer, unit: 户", "kind: number, unit: 户")], ["widen", "widen"]),
        ([("en: Remark, kind: long", "en: Remark, deprecated: true, kind: long")], ["deprecate"]),
        ([("code: remark,", "code: note, was: remark,")], ["rename"]),
        ([("en: Irrigation}", "en: Irrigation}\n      - {code: fire, zh: 消防, en: Fire}")], ["widen", "widen"]),
        ([("to: in_use}", "to: in_use, by: [office]}")], ["words"]),
        ([("geometry: {kind: point}", "geometry: {kind: point, required: false}")], []),
    ],
)
def test_allowed(well, well_text, pairs, kinds):
    found = plan(well, edited(well_text, *pairs))
    assert found.conflicts == ()
    assert [change.kind for change in found.changes] == kinds


@pytest.mark.parametrize(
    ("pairs", "word"),
    [
        ([("  - {code: remark, zh: 备注, en: Remark, kind: long, section: use}\n", "")], "被删除"),
        ([("columns:", "  - {code: extra, zh: 其他, en: Extra, kind: number, section: use}\ncolumns:"),
          ("code: extra, zh", "required: true, code: extra, zh"), ("{owner: 东村,", "{extra: 1, owner: 东村,"),
          ("{owner: 西村,", "{extra: 1, owner: 西村,")], "不能必填"),
        ([("unit: 米, decimals: 2", "unit: 千米, decimals: 2")], "单位由"),
        ([("decimals: 2, minimum: 0", "decimals: 1, minimum: 0")], "小数位数收紧"),
        ([("minimum: 0, maximum: 3000", "minimum: 1, maximum: 3000")], "下限收紧"),
        ([("minimum: 0, maximum: 3000", "minimum: 0, maximum: 300")], "上限收紧"),
        ([("max_length: 20", "max_length: 10")], "长度收紧"),
        ([("kind: number, unit: 毫米", "kind: integer, unit: 毫米")], "改为 integer"),
        ([("computed: depth * diameter * diameter", "computed: depth * diameter * diameter / 2")], "计算公式"),
        ([("      - {code: trade, zh: 经营, en: Trade, deprecated: true}\n", "")], "字典删除了 trade"),
        ([("code: remark,", "code: note, was: remarks,")], "改名"),
        ([("geometry: {kind: point}", "geometry: {kind: line}"),
          ("    geometry: {type: Point, coordinates: [115.1, 27.1]}\n", "")], "位置由 point 改为 line"),
        ([("code: sealing\n", "code: seal\n"), ("inspection.sealing", "inspection.seal")], "删除了检查"),
        ([("year: dug_on", "year: permit_until")], "年度"),
    ],
)  # fmt: skip
def test_conflicts(well, well_text, pairs, word):
    found = plan(well, edited(well_text, *pairs))
    assert any(word in sentence for sentence in found.conflicts), found.conflicts


@pytest.mark.parametrize(
    ("pairs", "keys"),
    [
        ([("unique:", "unique:\n  - {code: owners, fields: [owner]}")], ("owners",)),
        ([("fields: [owner, dug_on]", "fields: [owner, depth]")], ("owner_dug",)),
        ([("  - {code: owner_dug, fields: [owner, dug_on]}", "  []")], ()),
        ([("code: owner,", "code: keeper_of, was: owner,"), ("fields: [owner, dug_on]", "fields: [keeper_of, dug_on]"),
          ("[code, name, owner,", "[code, name, keeper_of,"), ("owner: 东村", "keeper_of: 东村"),
          ("owner: 西村", "keeper_of: 西村")], ("owner_dug",)),
        ([("zh: 井深", "zh: 深度")], ()),
    ],
)  # fmt: skip
def test_keys_that_the_objects_have_to_hold_anew(well, well_text, pairs, keys):
    """A new key, other fields, and a renamed field: the digest of a key is one of field codes and values."""
    found = plan(well, edited(well_text, *pairs))
    assert (found.keys, found.conflicts) == (keys, ())


# --- any sequence of allowed changes ---

STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "rename", "widen", "list", "deprecate"]), st.integers(0, 30)), max_size=8
)


def stepped(definition, kind, number, with_fields):
    """The definition after one allowed change of the kind (or the same one where it does not apply)."""
    fields = list(definition.fields)
    place = number % len(fields)
    one = fields[place]
    if kind == "add":
        fresh = f"new_{len(fields)}"
        fields.append(FieldSpec(code=fresh, zh="新增", en="New", kind="text", section="use"))
    elif kind == "rename" and not one.computed and one.code in ("remark", "cost", "others", "keeper", "metered"):
        fields[place] = one.model_copy(update={"code": f"{one.code}_x", "was": one.code})
    elif kind == "widen" and one.kind == "text":
        fields[place] = one.model_copy(update={"max_length": one.longest + 10})
    elif kind == "widen" and one.kind == "integer":
        fields[place] = one.model_copy(update={"kind": "number"})
    elif kind == "list" and one.code == "use":
        fields[place] = one.model_copy(update={"kind": "multichoice", "index": False})
    elif kind == "deprecate" and not one.required:
        fields[place] = one.model_copy(update={"deprecated": True})
    fields = [field if kind == "rename" and field.code == fields[place].code else field.model_copy(update={"was": ""})
              for field in fields]  # fmt: skip
    return with_fields(definition, fields)


@settings(deadline=None, derandomize=True, max_examples=80)
@given(STEPS, st.sampled_from(["drinking", "farming"]), st.integers(0, 500))
def test_every_old_object_stays_readable_as_it_was(well, with_fields, steps, use, depth):
    """Written under the first version, read under the last: each old field has its old value under its new name."""
    typed = {"owner": "东村", "depth": Decimal(depth), "use": use, "cost": Decimal("1.5"), "remark": "好",
             "households": Decimal(3), "others": ("farming",), "metered": True, "keeper": "d-1"}  # fmt: skip
    body = values.encode(typed)
    versions, mappings, names = [well], [], {code: code for code in typed}
    assigned = slots.assign(well)
    for kind, number in steps:
        new = stepped(versions[-1], kind, number, with_fields)
        found = plan(versions[-1], new)
        assert found.conflicts == ()
        assigned = slots.assign(new, assigned, found.mapping.renamed)
        names = {code: found.mapping.renamed.get(now, now) for code, now in names.items()}
        versions.append(new)
        mappings.append(Lifting.from_json(found.mapping.as_json()))
    lifted = values.decode(versions[-1], lift(body, mappings))
    for code, value in typed.items():
        got = lifted[names[code]]
        assert got == value or got == (value,)
    # ... and under its own version it is untouched, while the slots of the last version equal the lifted body.
    assert values.decode(well, body) == typed
    row = slots.project(versions[-1], assigned, lifted)
    for code, slot in assigned.items():
        value = lifted.get(code)
        assert row[slot] == (None if value is None else slots.as_text(value) if slot in slots.TEXTS else value)


def test_lifting_leaves_the_given_body_alone():
    body = {"a": "x"}
    assert lift(body, [Lifting({"a": "b"}, ("b",))]) == {"b": ["x"]}
    assert body == {"a": "x"}
    assert changes.lift({}, []) == {}
