"""The compiled loop of :mod:`bulk` (needs numba): regular packets only; whatever is doubtful is left to the decoder."""

from __future__ import annotations

import sys

import numba as nb
import numpy as np
from llvmlite import ir
from numba.extending import intrinsic

if sys.byteorder != "little":  # _eight() is written for it; the others read one by one
    raise ImportError("the compiled loop is for little-endian machines")
DONE, ODD, UNKNOWN = 1, 2, 3
_TEXT, _NUMBER, _TIME = 0, 1, 2
# A mantissa below 2**53 over a power of ten up to 10**22 is rounded right by one division.
_MOST_MANTISSA, _POWERS = 1 << 53, np.array([10.0**power for power in range(23)])
_LONGEST, _WHOLE_DIGITS, _DECIMALS = 1024, 30, 32
# Bytes of a name or value that need no second look: printable ASCII without separators, quotes and marks.
_PLAIN = np.array([33 <= byte <= 126 and byte not in b"=,;/&#{" for byte in range(256)])
_DAYS_BEFORE = np.array([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334])
_DAYS_IN = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_BEIJING_SECONDS = 8 * 3600
_jit = nb.njit(cache=True, nogil=True)


@intrinsic
def _eight(typing, data, place):
    """Eight bytes from a place as one number, the first byte lowest; the caller sees to it that they are there."""

    def code(context, builder, signature, given):
        array = context.make_array(signature.args[0])(context, builder, given[0])
        at = builder.bitcast(builder.gep(array.data, [given[1]]), ir.IntType(64).as_pointer())
        return builder.load(at, align=1)

    return nb.uint64(data, place), code


@_jit
def count(data, byte):
    """How often a byte occurs."""
    found = 0
    for one in data:
        found += one == byte
    return found


@_jit
def _hash(data, begin, end):
    value = np.uint64(14695981039346656037)
    eights = (end - begin) >> 3
    for turn in range(eights):
        value = (value ^ _eight(data, begin + (turn << 3))) * np.uint64(1099511628211)
        value ^= value >> np.uint64(32)
    for place in range(begin + (eights << 3), end):
        value = (value ^ np.uint64(data[place])) * np.uint64(1099511628211)
    return value ^ (value >> np.uint64(29))


@_jit
def fill(table, pool, offsets):
    """Put every text of a pool into an empty table."""
    mask = len(table) - 1
    for text in range(len(offsets) - 1):
        spot = np.int64(_hash(pool, offsets[text], offsets[text + 1]) & np.uint64(mask))
        while table[spot] >= 0:
            spot = (spot + 1) & mask
        table[spot] = text


@_jit
def _same(data, begin, pool, first, length):
    """Whether a text stands at a place."""
    eights = length >> 3
    for turn in range(eights):
        if _eight(pool, first + (turn << 3)) != _eight(data, begin + (turn << 3)):
            return False
    for step in range(eights << 3, length):  # noqa: SIM110, compiled
        if pool[first + step] != data[begin + step]:
            return False
    return True


@_jit
def _find(data, begin, end, table, pool, offsets):
    """The number of a known text, -1 for an unknown one."""
    mask = len(table) - 1
    spot = np.int64(_hash(data, begin, end) & np.uint64(mask))
    while table[spot] >= 0:
        text = table[spot]
        first = offsets[text]
        if offsets[text + 1] - first == end - begin and _same(data, begin, pool, first, end - begin):
            return text
        spot = (spot + 1) & mask
    return -1


@_jit
def _checksum_right(data, begin, end, sums):
    """The folded checksum (see :mod:`crc`) against the four digits behind the segment, upper case only."""
    by_distance, start, text = sums
    odd = (end - begin) & 7
    fold = np.uint64(0)
    for step in range((end - begin) >> 3):
        fold ^= _eight(data, begin + odd + (step << 3))
    high = start[odd]
    for distance in range(7, -1, -1):
        high ^= by_distance[distance, np.int64(fold & np.uint64(255))]
        fold >>= np.uint64(8)
    for place in range(begin, begin + odd):
        high ^= by_distance[begin + odd - 1 - place, data[place]]
    right = True
    for digit in range(4):
        right = right and data[end + digit] == text[high, digit]
    return right


@_jit
def _digits(data, begin, count):
    """A number of decimal digits, -1 when something else stands there."""
    value = 0
    for place in range(begin, begin + count):
        digit = np.int64(data[place]) - 48
        if digit < 0 or digit > 9:
            return -1
        value = value * 10 + digit
    return value


@_jit
def _microseconds(data, begin, end):
    """Fourteen digits of Beijing time as microseconds since 1970 UTC, -1 when they are none the kernel reads."""
    if end - begin != 14:
        return -1
    year, month, day = _digits(data, begin, 4), _digits(data, begin + 4, 2), _digits(data, begin + 6, 2)
    hour, minute, second = _digits(data, begin + 8, 2), _digits(data, begin + 10, 2), _digits(data, begin + 12, 2)
    if year < 1971 or month < 1 or month > 12 or day < 1 or hour < 0 or hour > 23:
        return -1
    if minute < 0 or minute > 59 or second < 0 or second > 59:
        return -1
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if day > _DAYS_IN[month - 1] + (1 if leap and month == 2 else 0):
        return -1
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400 - 719162
    days += _DAYS_BEFORE[month - 1] + (1 if leap and month > 2 else 0) + day - 1
    return (days * 86400 + hour * 3600 + minute * 60 + second - _BEIJING_SECONDS) * 1000000


@_jit
def _number(data, begin, end):
    """(a plain number, how it went, the place behind it): 0 no plain number, 1 read, 2 plain but too long to be rounded
    right here.
    """
    place, negative = begin, False
    if data[place] == 45:
        negative, place = True, place + 1
    first, mantissa, exact = place, np.int64(0), True
    point = -1
    while place < end:
        byte = data[place]
        if 48 <= byte <= 57:
            if mantissa < _MOST_MANTISSA // 10:
                mantissa = mantissa * 10 + (np.int64(byte) - 48)
            else:
                exact = False
        elif byte == 46 and point < 0:
            point = place
        else:
            break
        place += 1
    whole, decimals = (place - first, 0) if point < 0 else (point - first, place - point - 1)
    if whole == 0 or whole > _WHOLE_DIGITS or decimals > _DECIMALS or (point >= 0 and decimals == 0):
        return 0.0, 0, place
    if not exact or decimals > 22:
        return 0.0, 2, place
    value = mantissa / _POWERS[decimals]
    return (-value if negative else value), 1, place


@_jit
def _region_begin(data, begin, end):
    """The place of ``CP=&&`` if the first ``&`` of the segment belongs to it, else -1."""
    for place in range(begin, end):
        if data[place] == 38:
            if place - 3 < begin or place + 1 >= end or data[place + 1] != 38:
                return -1
            named = data[place - 3] == 67 and data[place - 2] == 80 and data[place - 1] == 61
            return place - 3 if named else -1
    return -1


@_jit
def _framed(data, start, stop, sums):
    """The end of the segment of a packet that is regular to its last byte, -1 otherwise."""
    length = stop - start - 12
    if length < 30 or length > _LONGEST or data[start] != 35 or data[start + 1] != 35:
        return -1
    end = stop - 6
    if _digits(data, start + 2, 4) != length or data[stop - 2] != 13 or data[stop - 1] != 10:
        return -1
    if data[end - 1] != 38 or data[end - 2] != 38:
        return -1
    begin = start + 6
    if data[begin] != 81 or data[begin + 1] != 78 or data[begin + 2] != 61 or data[begin + 20] != 59:
        return -1
    if _digits(data, begin + 3, 17) < 0 or not _checksum_right(data, begin, end, sums):
        return -1
    return end


@_jit
def _expected(data, place, end, name, pool, offsets):
    """The name that followed last time if it stands here with its ``=``, else -1: devices repeat themselves."""
    if name < 0:
        return -1
    first = offsets[name]
    length = offsets[name + 1] - first
    if place + length >= end or data[place + length] != 61:
        return -1
    return name if _same(data, place, pool, first, length) else -1


@_jit
def _plain_end(data, place, end):
    """The place of the first byte that is ``=``, ``,``, ``;`` or none of a plain region; ``end`` without one."""
    while place < end and _PLAIN[data[place]]:
        place += 1
    return place


@_jit
def _items(data, place, end, packet, names, stamp_at, packets, values, row, late, lates):
    """The items of a region into rows; returns how it went, the next row and the count of late numbers."""
    table, pool, offsets, slot_of, kind_of, stamp, after = names
    last = len(after) - 1  # before the first name
    time, missing = packets[3], packets[4]
    of_packet, of_name, number, begin_at, length_at = values
    while place < end:
        name = _expected(data, place, end, after[last], pool, offsets)
        if name >= 0:
            place += offsets[name + 1] - offsets[name]
        else:
            name_begin = place
            place = _plain_end(data, place, end)
            if place == name_begin or place >= end or data[place] != 61:
                return ODD, row, lates
            name = _find(data, name_begin, place, table, pool, offsets)
            if name < 0:
                missing[packet, 0], missing[packet, 1] = name_begin, place - name_begin
                return UNKNOWN, row, lates
            after[last] = name
        last = name
        place += 1
        begin = place
        slot, kind = slot_of[name], kind_of[name]
        if place == end or stamp[slot] == stamp_at:
            return ODD, row, lates
        stamp[slot] = stamp_at
        value, went = np.nan, 1
        if kind == _NUMBER:
            value, went, place = _number(data, begin, end)
        else:
            place = _plain_end(data, begin, end)
        if went == 0 or place == begin or (place < end and data[place] != 44 and data[place] != 59):
            return ODD, row, lates
        if went == 2:
            late[lates] = row
            lates += 1
        if kind == _TIME:
            time[packet] = _microseconds(data, begin, place)
            if time[packet] < 0:
                return ODD, row, lates
        of_packet[row], of_name[row], number[row] = packet, slot, value
        begin_at[row], length_at[row] = begin, place - begin
        row += 1
        place += 1
        if place == end:  # a separator with nothing behind it
            return ODD, row, lates
    return DONE, row, lates


@_jit
def decode(data, starts, ends, todo, heads, names, sums, packets, values, row, late):
    """Decode the packets ``todo``; returns the next row and the count of numbers left to Python."""
    table, pool, offsets, head_of = heads
    accepted, status, head, time, missing = packets
    lates = 0
    for turn in range(len(todo)):
        packet = todo[turn]
        begin = starts[packet] + 6
        end = _framed(data, starts[packet], ends[packet], sums)
        region = _region_begin(data, begin, end) if end >= 0 else -1
        if region < begin + 21 or region + 7 > end:
            status[packet] = ODD
            continue
        known = _find(data, begin + 21, region, table, pool, offsets)
        if known < 0:
            missing[packet, 0], missing[packet, 1] = begin + 21, region - begin - 21
            status[packet] = UNKNOWN
            continue
        if head_of[known] < 0:
            status[packet] = ODD
            continue
        went, next_row, next_lates = _items(
            data, region + 5, end - 2, packet, names, turn, packets, values, row, late, lates
        )
        status[packet] = went
        if went == DONE:
            accepted[packet], head[packet] = True, head_of[known]
            row, lates = next_row, next_lates
        else:
            time[packet] = np.iinfo(np.int64).min
    return row, lates
