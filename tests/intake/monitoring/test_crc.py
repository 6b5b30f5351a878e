"""The folded checksum against the loop of the standard's text, and against its printed examples."""

from hypothesis import given
from hypothesis import strategies as st

from ecocloud.intake.monitoring.hj212.crc import TEXT, by_the_text, crc, modbus, swapped

# HJ 212-2017 annex A and HJ 212-2025 annex A.1, as printed (the sentence below the first misprints 1C08).
PRINTED = {
    b"QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&": b"1C80",
    b"QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&": b"2200",
}


def test_printed_examples():
    assert {segment: crc(segment) for segment in PRINTED} == PRINTED


@given(st.binary(max_size=700))
def test_the_fold_equals_the_loop(segment):
    assert crc(segment) == b"%04X" % by_the_text(segment)


def test_every_length_up_to_the_longest_packet():
    """Lengths around every width of the fold; bytes of a fixed pattern that is not periodic in eight."""
    pattern = bytes((7 * place * place + place // 3) % 256 for place in range(10_000))
    for length in [
        *range(1, 300),
        *range(500, 530),
        *range(1020, 1030),
        2047,
        2048,
        4095,
        4096,
        4097,
        8191,
        8192,
        9999,
    ]:
        assert crc(pattern[:length]) == b"%04X" % by_the_text(pattern[:length]), length


def test_only_256_values_exist_and_the_low_byte_is_one_of_eight():
    assert len(set(TEXT)) == 256
    assert {text[2:] for text in TEXT} == {b"00", b"01", b"40", b"41", b"80", b"81", b"C0", b"C1"}


def test_modbus_is_another_function():
    """Check value of CRC-16/MODBUS: 0x4B37 for "123456789" (catalogue of parametrised CRC algorithms)."""
    assert modbus(b"123456789") == b"4B37"
    assert swapped(b"4B37") == b"374B"
    segment = next(iter(PRINTED))
    assert modbus(segment) != crc(segment)
