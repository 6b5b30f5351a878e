"""``ecocloud hj212 decode`` on text and hexadecimal lines."""

import io
import json
from datetime import UTC, datetime

import pytest

from ecocloud.cli import main
from ecocloud.intake.monitoring.commands import PIECE, records
from ecocloud.intake.monitoring.hj212.dialect import STANDARD
from tests.intake.monitoring.made import REGION, packet, with_region
from tests.intake.monitoring.test_packets import encrypt

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


def decode(text: bytes) -> list[dict]:
    return list(records(io.BytesIO(text), STANDARD, NOW, 15))


def said(text: bytes) -> list[tuple]:
    return [(one["line"], one["accepted"] or one["reason"]) for one in decode(text)]


def test_lines_of_text_and_of_digits():
    good = packet()
    spaced = b" ".join(b"%02x" % byte for byte in good)
    lines = [
        good,
        good[:-2] + b"\n",
        good[:-2] + rb"\r\n" + b"\n",
        good.hex().encode() + b"\n",
        b"0x" + good.hex().encode() + b"\n",
        spaced + b"\r\n",
        b"\n",
        b"\xef\xbb\xbf\n",
        good[:-2],
    ]
    found = decode(b"".join(lines))
    assert [one["line"] for one in found if one["accepted"]] == [1, 2, 3, 4, 5, 6, 9]
    assert all(one["leniencies"] == [] for one in found if one["accepted"])
    assert [one["line"] for one in found if not one["accepted"]] == [8]


def test_digits_give_the_bytes_exactly():
    bare = packet(tail=b"").hex().encode()
    (one,) = decode(bare)
    assert [leniency["code"] for leniency in one["leniencies"]] == ["no_crlf"]
    assert said(bare + bare) == [(1, True), (1, True)]
    assert said(b"0d0a") == [(1, "no_head")]
    assert said((packet() + b"zz").hex().encode()) == [(1, True)]
    assert decode((packet() + b"zz").hex().encode())[0]["trailing_bytes"] == 2


def test_one_bad_line_loses_itself_alone():
    good, bad = packet(), packet(crc=b"0000")
    assert said(good + bad + good[:60] + b"\n" + b"no packet\n" + good) == [
        (1, True), (2, "crc_error"), (3, "incomplete"), (4, "no_head"), (5, True),
    ]  # fmt: skip
    rejected = decode(bad)[0]
    assert (rejected["QN"], rejected["MN"], rejected["CN"]) == ("20260301101500123", "0123456789ABCDEF01234567", "2011")


def test_a_time_ahead_is_told():
    (one,) = decode(with_region("DataTime=20990101000000;w01018-Rtd=1"))
    assert one["accepted"]
    assert [leniency["code"] for leniency in one["leniencies"]] == ["datatime_future"]


@pytest.mark.parametrize("size", [PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 5])
def test_a_line_without_end_is_read_in_pieces(size):
    """Packets behind and in front of any amount of garbage on one line."""
    good = packet(tail=b"")
    found = decode(b"x" * size + good + b"\n" + packet())
    assert [(one["line"], one["accepted"]) for one in found] == [(1, True), (2, True)]
    assert found[0]["leniencies"][0] == {
        "code": "skipped_bytes", "text": str(size), "meaning": "noise before the packet was skipped",
    }  # fmt: skip


def test_command(tmp_path, capsys):
    file = tmp_path / "packets.txt"
    file.write_bytes(packet() + packet(crc=b"0000") + encrypt(REGION, "plain"))
    assert main(["hj212", "decode", str(file), "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["accepted"] for one in found] == [True, False, True]
    assert found[0]["values"] == found[2]["values"] == {
        "w01018": {"Rtd": "32.6", "Flag": "N"}, "w21003": {"Rtd": "1.84", "Flag": "N"},
    }  # fmt: skip
    assert main(["hj212", "decode", str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "2\t拒收\tCRC 校验错误"
    assert "w01018 Rtd=32.6, Flag=N" in lines[0]


def test_refusals(tmp_path, capsys):
    assert main(["hj212", "decode", str(tmp_path / "absent.txt")]) == 1
    assert "absent.txt" in capsys.readouterr().err
    assert main(["hj212", "decode", str(tmp_path), "--json"]) == 1
    assert main(["hj212", "decode", "-", "--sm4-key", "short"]) == 2
    assert "short" in capsys.readouterr().err
