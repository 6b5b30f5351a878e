"""Photographs made by Pillow (an independent writer and reader of EXIF) tell their place, and no more once stripped."""

import io
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ecocloud.base.files import pictures
from ecocloud.base.files.kinds import FileKind, sniff

BODY = Image.new("RGB", (8, 4), (40, 120, 90))


def photo(form="JPEG", lat=27.1145, lon=114.9933, turned=6, **more):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = turned, "SecretPhone"
    exif.get_ifd(0x8769)[0x9003] = "2026:03:02 08:15:00"

    def parts(value):
        value = abs(value)
        minutes = value % 1 * 60
        return int(value), int(minutes), round(minutes % 1 * 60, 4)

    if lat is not None:
        exif.get_ifd(0x8825).update(
            {1: "S" if lat < 0 else "N", 2: parts(lat), 3: "W" if lon < 0 else "E", 4: parts(lon)}
        )
    out = io.BytesIO()
    BODY.save(out, form, exif=exif, **more)
    return out.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_photograph_tells_where_and_when(form):
    told = pictures.read(photo(form))
    assert (told.lon, told.lat) == (pytest.approx(114.9933, abs=1e-6), pytest.approx(27.1145, abs=1e-6))
    assert told.taken == datetime(2026, 3, 2, 8, 15) and told.turned == 6
    south = pictures.read(photo(form, lat=-33.5, lon=-70.25))
    assert (south.lon, south.lat) == (-70.25, -33.5)


@pytest.mark.parametrize(("lat", "lon"), [(None, None), (0, 0), (95.0, 115.0)])
def test_a_photograph_that_does_not_know_says_nothing(lat, lon):
    told = pictures.read(photo(lat=lat, lon=lon))
    assert (told.lon, told.lat) == (None, None) and told.taken is not None


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_nothing_is_left_once_stripped_and_the_picture_is_the_same(form):
    given_photo = photo(form, **({"comment": b"home of X"} if form == "JPEG" else {})) + b"trailer with a place"
    clean = pictures.stripped(given_photo)
    assert sniff(clean) == {"JPEG": FileKind.JPG, "PNG": FileKind.PNG}[form]
    for secret in (b"SecretPhone", b"2026:03", b"home of X", b"trailer"):
        assert secret not in clean
    told = pictures.read(clean)
    assert (told.lon, told.taken) == (None, None)
    shown = Image.open(io.BytesIO(clean))
    assert shown.tobytes() == Image.open(io.BytesIO(given_photo)).tobytes()
    assert form == "PNG" or shown.getexif()[0x0112] == 6  # still upright
    assert pictures.stripped(clean) == clean


def test_what_is_no_picture_is_not_shown():
    assert pictures.stripped(b"%PDF-1.7 with text") == b"" and pictures.read(b"") == pictures.Told()


@given(st.integers(0, 600), st.binary(min_size=1, max_size=8), st.booleans())
def test_broken_photographs_do_no_harm(at, junk, png):
    data = bytearray(photo("PNG" if png else "JPEG"))
    data[at : at + len(junk)] = junk
    told = pictures.read(bytes(data))
    assert told.lon is None or (-180 <= told.lon <= 180 and -90 <= told.lat <= 90)
    clean = pictures.stripped(bytes(data))
    assert clean == b"" or clean.startswith((b"\xff\xd8", b"\x89PNG"))


def test_a_photograph_broken_before_its_picture_is_not_shown():
    data = bytearray(photo())
    data[19:21] = b"\x00\x00"  # between the first two segments
    assert pictures.stripped(bytes(data)) == b""
    assert pictures.stripped(bytes(photo()[:200])) == b""
