"""Cursors and the JSON schema of a register type. Oracles: `jsonschema`, the types' own examples."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from ecocloud.kernel.registers.api import cursors, schemas
from ecocloud.kernel.registers.api.cursors import CursorRefused


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
