"""The tables: counts as printed in the standard, spot checks, every fault named by file, line and field."""

import pytest

from ecocloud.intake.monitoring.hj212 import tables
from ecocloud.intake.monitoring.hj212.words import KINDS, REASONS, Kind, Reason


def test_counts_and_spot_checks():
    """HJ 212-2017 annex B: 63 water, 121 air, 12 noise, 145 facilities, 38 site information; two are printed twice."""
    assert len(tables.codes()) == 63 + 121 + 12 + 145 + 38 - 2
    assert (tables.codes()["w01018"].zh, tables.codes()["w01018"].old) == ("化学需氧量", "011")
    assert [code.code for code in tables.old_codes()["060"]] == ["w21003"]
    assert tables.code_of("060").code == "w21003"
    assert tables.code_of("e10112").code == "e101xx"
    assert tables.code_of("i33315").code == "i3331x"
    assert tables.code_of("a05024") is None
    assert len(tables.systems()) == 22


def test_commands_by_edition():
    """1001 meant another thing in 2005 and came back in 2025."""
    assert tables.command_of("1001", 2005).edition == 2005
    assert tables.command_of("1001", 2025).edition == 2025
    assert tables.command_of("2011", 2025).edition == 2017
    assert tables.command_of("9015", 2017).edition == 2025  # a device may send it all the same
    assert tables.command_of("9999", 2017) is None


def test_parameters_of_commands_are_known():
    known = {name.name for name in tables.fields().parameters}
    for command in tables.commands().values():
        assert set(command.parameters) <= known, command.code
        assert set(command.optional) <= set(command.parameters), command.code


def test_every_code_has_words():
    assert set(REASONS) == set(Reason)
    assert set(KINDS) == set(Kind)


def test_a_fault_names_file_line_and_field():
    with pytest.raises(tables.TableError) as caught:
        tables.read_table(
            'systems:\n  - {code: "21", zh: 水, en: water, edition: 2018}\n', "systems.yaml", tables.Systems
        )
    assert caught.value.where == {"文件": "systems.yaml", "行": 2}
    assert "systems.0.edition" in caught.value.message_zh
    with pytest.raises(tables.TableError):
        tables.read_table('systems:\n  - {code: "21", zh: 水, edition: 2017, colour: red}\n', "x.yaml", tables.Systems)
