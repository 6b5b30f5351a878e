"""Every byte of a packet has a meaning, also in a wrong one."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecocloud.cli import main
from ecocloud.intake.monitoring.hj212.dialect import Dialect
from ecocloud.intake.monitoring.hj212.explaining import explain
from ecocloud.intake.monitoring.hj212.judging import Judge
from ecocloud.intake.monitoring.hj212.tables import codes
from tests.intake.monitoring.made import KEY, REGION, SEGMENT, packet, with_region
from tests.intake.monitoring.test_packets import encrypt
from tests.intake.monitoring.test_streams import mutated

JUDGE = Judge(Dialect(keys=(KEY,)))


def test_a_packet_of_an_outlet():
    found = explain(packet(), JUDGE)
    said = {piece.text: piece.meaning for piece in found}
    assert said["ST=32;"] == "系统编码：地表水体环境污染源"
    assert said["CN=2011;"] == "命令编码：取/上传污染物实时数据"
    assert said["Flag=5;"] == "拆分包及应答标志：HJ 212-2017，单包，需要应答"
    assert said["w01018-Rtd=32.6,"] == "化学需氧量 实时值，毫克/升"
    assert said["w01018-Flag=N;"] == "化学需氧量 数据标记：正常"
    assert said["\\r\\n"] == "包尾 CR LF"
    assert not [piece for piece in found if piece.kind in ("wrong", "noise")]


def test_what_is_wrong_is_named():
    said = {piece.text: (piece.kind, piece.meaning) for piece in explain(packet(crc=b"0000", length=1), JUDGE)}
    assert said["0000"] == ("wrong", f"CRC 校验码，按标准应为 {packet()[-6:-2].decode()}")
    assert said["0001"] == ("wrong", f"数据段长度，实际为 {len(SEGMENT)} 字节")
    said = {
        piece.text: piece.meaning
        for piece in explain(b"xx" + with_region("011-Rtd=--;vn=1;DataTime=20261301000000"), JUDGE)
    }
    assert said["xx"] == "杂音，2 字节"
    assert said["011-Rtd=--;"] == "化学需氧量（2005 版编码，现为 w01018） 实时值，毫克/升，没有值"
    assert said["vn=1;"] == "标准以外的名称"
    assert said["DataTime=20261301000000"] == "数据时间：不是有效时间"


def test_an_encrypted_region_shows_its_plain_text():
    found = explain(encrypt(REGION, "sent"), JUDGE)
    assert [piece.meaning for piece in found if piece.raw.startswith(b"{")] == [f"SM4 加密的数据区，明文：{REGION}"]


def test_in_english_every_word_but_names_of_factors_is_english():
    """Those of the tables by their own English words; the names of factors are as the standard prints them."""
    wrong = (
        b"xx" + with_region("011-Rtd=--;vn=1;zz-Rtd=1;a-Foo=2;w01018-Flag=N;QnRtn=1;ExeRtn=999;DataTime=2026") + b"yy"
    )
    printed = {word for one in codes().values() for word in (one.zh, one.unit, one.amount_unit) if word}
    printed = sorted(printed, key=len, reverse=True)
    for raw in (packet(), packet(crc=b"0000", length=1), encrypt(REGION, "sent"), wrong, b"nothing"):
        for piece in explain(raw, JUDGE, english=True):
            meaning = piece.meaning.replace(REGION, "")
            for word in printed:
                meaning = meaning.replace(word, "")
            assert meaning.isascii(), meaning
    said = {piece.text: piece.meaning for piece in explain(packet(), JUDGE, english=True)}
    assert said["ST=32;"] == "system: Pollution source, surface water"
    assert said["Flag=5;"].endswith("HJ 212-2017, a single packet, answer wanted")


@given(st.integers(0, 10_000) | st.binary(max_size=60))
def test_no_byte_is_left_out(made):
    raw = mutated(random.Random(made)) if isinstance(made, int) else made
    assert b"".join(piece.raw for piece in explain(raw, JUDGE)) == raw


def test_command(capsys):
    assert main(["hj212", "explain", SEGMENT]) == 0
    assert capsys.readouterr().out.endswith("没有包头“##”\n")
    assert main(["hj212", "explain", packet().hex(), "--color", "always"]) == 0
    out = capsys.readouterr().out
    assert "\x1b[34mST=32;\x1b[0m" in out.splitlines()[0]
    assert main(["hj212", "explain", packet().decode().strip(), "--color", "never"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "    0  ##\t包头"
    assert lines[-1] == f"{len(packet()) - 2:5d}  \\r\\n\t包尾 CR LF"
    assert main(["hj212", "explain", " "]) == 2


@pytest.mark.parametrize("rule", ["modbus", "ignore"])
def test_the_dialect_can_be_named(rule, capsys):
    assert main(["hj212", "explain", packet(crc=b"ABCD").decode().strip(), "--crc", rule]) == 0
    assert "按标准应为" in capsys.readouterr().out
