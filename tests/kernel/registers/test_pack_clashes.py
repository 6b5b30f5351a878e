"""What only one pack may bring is said by the check, not first by the installation that loads the second one."""

import shutil

import pytest

from ecocloud import cli
from ecocloud.kernel.registers import pack, pack_clashes, pack_demands
from ecocloud.kernel.registers.pack_clashes import Claim, clashes

OUTFALLS = "river-outfalls"


def claim(kind, key, pack_="a", whose=""):
    return Claim(pack_, kind, key, key, "pack.yaml", 3, "indicators.0", whose)


@pytest.mark.parametrize(
    ("own", "others", "taken", "holders"),
    [
        ([claim("register", "well")], [claim("register", "well", "b")], {}, ["包 b"]),
        ([claim("indicator", "WAT.X")], [claim("indicator", "WAT.X", "b")], {}, ["包 b"]),
        ([claim("name", "达标率", whose="WAT.X")], [claim("name", "达标率", "b", "WAT.Y")], {}, ["包 b"]),
        ([claim("name", "达标率", whose="WAT.X")], [], {("name", "达标率"): "WAT.Y"}, ["指标目录 WAT.Y"]),
        ([claim("name", "率", whose="WAT.X"), claim("name", "率", whose="WAT.Y")], [], {}, ["指标 WAT.X"]),
        ([claim("name", "率", whose="WAT.X"), claim("name", "率", whose="WAT.X")], [], {}, []),  # its own alias again
        ([claim("register", "well")], [claim("indicator", "well", "b")], {}, []),  # another kind of thing
        ([claim("register", "well")], [claim("register", "wells", "b")], {}, []),
    ],
)
def test_who_else_has_it(own, others, taken, holders):
    found = clashes(own, others, taken)
    assert len(found) == len(holders)
    for one, holder in zip(found, holders, strict=True):
        assert holder in one.message_zh and one.code == "registers.clash"
        assert one.where == {"文件": "pack.yaml", "行": 3, "字段": "indicators.0"} and one.remedy_zh and one.remedy_en


def test_claims_of_a_pack_are_those_it_brings_itself():
    """Outfalls feed an indicator of the catalogue (no claim) and bring others with their names and aliases."""
    folder = pack.own_folder() / OUTFALLS
    made = pack.read(folder).definition
    found = pack_clashes.claims(folder, pack_demands.profiles(folder))
    new = [one for one in made.indicators if one.is_new]
    assert new and len(new) < len(made.indicators)
    assert [one.text for one in found if one.kind == "indicator"] == [one.code for one in new]
    assert [one.text for one in found if one.kind == "name"] == [text for one in new for text in (one.zh, *one.aliases)]
    assert [one.key for one in found if one.kind == "register"] == ["outfall"]


def test_the_command_refuses_a_second_pack_with_the_same_register(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "packs"
    shutil.copytree(pack.own_folder() / OUTFALLS, folder / OUTFALLS)
    shutil.copytree(pack.own_folder() / OUTFALLS, folder / "second")
    path = folder / "second" / "pack.yaml"
    path.write_text(path.read_text("utf-8").replace(f"id: {OUTFALLS}", "id: second"), "utf-8")
    monkeypatch.setattr(pack, "own_folder", lambda: folder)
    assert cli.main(["packs", "check", "second"]) == 1
    said = capsys.readouterr().out
    assert "名录代码“outfall”已由包 river-outfalls使用" in said.replace(" 使用", "使用")
    assert "指标编码“" in said and "指标名称“" in said


def test_the_packs_of_the_product_bring_everything_once():
    folders = [pack.own_folder() / name for name in pack.own_packs()]
    found = [one for folder in folders for one in pack_clashes.claims(folder, pack_demands.profiles(folder))]
    codes = [(one.kind, one.key) for one in found if one.kind != "name"]
    assert len(codes) == len(set(codes))
    for folder in folders:
        own = [one for one in found if one.pack == folder.name]
        rest = [one for one in found if one.pack != folder.name]
        assert [one.message_zh for one in clashes(own, rest, pack_clashes.of_catalogue())] == []
