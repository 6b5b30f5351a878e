"""Decoded packets to rows of the lake: one row for each factor of a packet. Pure; by columns, not value by value.

Packets are put in the order (partition, mn, time) first; there are few of them. Each value then goes straight to its
row. What is not plain (texts, other fields, packets read one by one) is done in a loop.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from ecocloud.intake.monitoring.hj212.bulk import Columns
from ecocloud.intake.monitoring.hj212.values import read_number, read_time
from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.lake.schema import NO_TIME, NUMBERS, Doubt, Partition

_SKIP, _FLAG, _SAMPLED, _MORE = -1, 100, 101, 102
_KINDS = {"Flag": _FLAG, "SampleTime": _SAMPLED} | {field: place for place, field in enumerate(NUMBERS)}
_POINT, _ZERO, _MINUS = 46, 48, 45
_LONGEST_EXACT = 15  # a text of so few digits is given back by its number and decimals
_WORD = 8
_ONES, _HIGHS, _POINTS = (np.uint64(int(f"{byte:02x}" * _WORD, 16)) for byte in (0x01, 0x80, _POINT))


@dataclass(frozen=True)
class Origin:
    """Where packets come from. received (µs since 1970 UTC) and sequence: one of each packet."""

    gateway: str
    received: np.ndarray
    sequence: np.ndarray


class Limits(NamedTuple):
    """What times are believed: so much later than the receipt, so much older, both in µs; oldest 0: any age."""

    ahead: int
    oldest: int


class _Names(NamedTuple):
    codes: list[str]
    code: np.ndarray
    kind: np.ndarray


def rows_of(columns: Columns, origin: Origin, limits: Limits) -> Iterator[tuple[Partition, pa.Table]]:
    """The rows of decoded packets by partition, in the order (mn, time, packet). Packets without values give none."""
    names = _names(columns.names)
    good = columns.accepted & _of_heads(columns, [schema.is_data(head.cn) for head in columns.heads], False)
    kind = names.kind[columns.name]
    keep = good[columns.packet] & (kind != _SKIP)
    whole = bool(keep.all())
    values = np.arange(len(kind)) if whole else np.flatnonzero(keep)
    if not len(values):
        return
    packet, name = (columns.packet, columns.name) if whole else (columns.packet[values], columns.name[values])
    runs, run_packet, run_code = _runs(packet, names.code[name], len(names.codes))
    placed = _Placed(columns, origin, limits, np.bincount(run_packet, minlength=len(columns.accepted)))
    row_of_run = placed.first[run_packet] + _rank_in_packet(run_packet)
    maker = _Rows(columns, names, placed, len(run_packet))
    maker.factor[row_of_run] = run_code
    maker.fill(values, packet, kind if whole else kind[values], row_of_run[runs])
    table = maker.table(origin)
    for number, first, last in placed.parts():
        yield schema.partition_named(number), table.slice(first, last - first)


def _names(slots: Sequence[tuple[str, str]]) -> _Names:
    """For each slot the number of its code and what its field is."""
    codes: dict[str, int] = {}
    code = [codes.setdefault(one, len(codes)) for one, _field in slots]
    kind = [(_KINDS.get(field, _MORE) if one else _SKIP if field == "DataTime" else _MORE) for one, field in slots]
    return _Names(list(codes), np.array(code, np.int64), np.array(kind, np.int16))


def _of_heads(columns: Columns, said: list, without: object) -> np.ndarray:
    """For each packet what is said of its head; ``without`` for rejected ones."""
    return np.array([*said, without])[columns.head]


def _runs(packet: np.ndarray, code: np.ndarray, codes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each value the number of its row, and packet and code of each row.

    Values of one code mostly stand together; packets where a code comes back later have those runs made one.
    """
    key = packet * codes + code
    change = np.empty(len(key), np.bool_)
    change[0] = True
    np.not_equal(key[1:], key[:-1], out=change[1:])
    starts = np.flatnonzero(change)
    run = np.cumsum(change) - 1
    run_packet, run_code = packet[starts], code[starts]
    first = np.flatnonzero(np.concatenate([[True], run_packet[1:] != run_packet[:-1]]))
    count = np.diff(np.append(first, len(run_packet)))
    bits = np.bitwise_or.reduceat(np.left_shift(np.uint64(1), (run_code % 64).astype(np.uint64)), first)
    doubtful = np.bitwise_count(bits) != count
    if doubtful.any():
        unique, back = _merged(key[starts], np.repeat(doubtful, count))
        run, run_packet, run_code = back[run], run_packet[unique], run_code[unique]
    return run, run_packet, run_code


def _merged(keys: np.ndarray, doubtful: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Runs that stay, and for each run the one it belongs to; only runs of doubtful packets are compared."""
    places = np.flatnonzero(doubtful)
    _keys, first, inverse = np.unique(keys[places], return_index=True, return_inverse=True)
    target = np.arange(len(keys))
    target[places] = places[first][inverse]
    stays = np.flatnonzero(target == np.arange(len(keys)))
    number = np.empty(len(keys), np.int64)
    number[stays] = np.arange(len(stays))
    return stays, number[target]


def _rank_in_packet(run_packet: np.ndarray) -> np.ndarray:
    """Place of each row within its packet."""
    first = np.flatnonzero(np.concatenate([[True], run_packet[1:] != run_packet[:-1]]))
    count = np.diff(np.append(first, len(run_packet)))
    return np.arange(len(run_packet)) - np.repeat(first, count)


class _Placed:
    """Packets in the order of the lake: their partition, doubt and the place of their first row."""

    def __init__(self, columns: Columns, origin: Origin, limits: Limits, rows: np.ndarray) -> None:
        time, received = columns.time, origin.received
        self.doubt = np.zeros(len(time), np.int8)
        self.doubt[time == NO_TIME] = Doubt.MISSING
        known = time != NO_TIME
        self.doubt[known & (np.where(known, time, 0) - received > limits.ahead)] = Doubt.FUTURE
        if limits.oldest:
            self.doubt[known & (received - np.where(known, time, received) > limits.oldest)] = Doubt.TOO_OLD
        places = {name: place for place, name in enumerate(schema.INTERVAL_NAMES)}
        interval = _of_heads(columns, [places[schema.interval_of(head.cn)] for head in columns.heads], 0)
        interval = np.where(self.doubt > 0, places[schema.UNDATED], interval)
        self.partition = schema.partition_numbers(interval, np.where(self.doubt > 0, received, time))
        self.devices = sorted({head.mn for head in columns.heads})
        rank = {mn: place for place, mn in enumerate(self.devices)}
        self.mn = _of_heads(columns, [rank[head.mn] for head in columns.heads], 0)
        self.order = np.lexsort((time, self.mn, self.partition))
        self.order = self.order[rows[self.order] > 0]
        self.rows = rows
        self.first = np.zeros(len(time), np.int64)
        ends = np.cumsum(rows[self.order])
        self.first[self.order] = ends - rows[self.order]

    def spread(self, of_packets: np.ndarray) -> np.ndarray:
        """What is known of packets, for each row."""
        return np.repeat(of_packets[self.order], self.rows[self.order])

    def parts(self) -> Iterator[tuple[int, int, int]]:
        """(partition, first row, row behind its last)."""
        numbers = self.partition[self.order]
        starts = np.flatnonzero(np.concatenate([[True], numbers[1:] != numbers[:-1]]))
        total = int(self.rows.sum())
        firsts = [*self.first[self.order[starts]].tolist(), total]
        for place, start in enumerate(starts):
            yield int(numbers[start]), firsts[place], firsts[place + 1]


class _Rows:
    """Columns of the rows while they are filled."""

    def __init__(self, columns: Columns, names: _Names, placed: _Placed, count: int) -> None:
        self.columns, self.names, self.placed, self.count = columns, names, placed, count
        self.factor = np.zeros(count, np.int32)
        self.numbers: dict[str, np.ndarray] = {}
        self.decimals = np.zeros(count, np.int64)
        self.flags: dict[str, int] = {}
        self.flag: np.ndarray | None = None
        self.sampled: np.ndarray | None = None
        self.text: dict[int, dict[str, str]] = {}
        self.more: dict[int, dict[str, str]] = {}
        self.unreadable: dict[int, bool] = {}

    def fill(self, values: np.ndarray, packet: np.ndarray, kind: np.ndarray, row: np.ndarray) -> None:
        """Every value into its row. values: places in the columns; the others: one for each of them."""
        odd = np.zeros(len(self.columns.accepted), np.bool_)
        odd[list(self.columns.event)] = True
        present = np.flatnonzero(np.bincount(self.names.kind[self.names.kind >= 0]))
        for one in present.tolist():
            at = np.flatnonzero(kind == one)
            if not len(at):
                continue
            if one < len(schema.NUMBER_COLUMNS):
                self._number(one, values[at], row[at], odd[packet[at]])
            elif one == _FLAG:
                self._flags(values[at], row[at])
            elif one == _SAMPLED:
                self._samples(values[at], row[at])
            else:
                for value, place in zip(values[at].tolist(), row[at].tolist(), strict=True):
                    field = self.columns.names[self.columns.name[value]][1]
                    self.more.setdefault(place, {})[field] = self.columns.text(value)
        self._times_as_sent()

    def _number(self, field: int, values: np.ndarray, row: np.ndarray, odd: np.ndarray) -> None:
        columns, name = self.columns, schema.NUMBER_COLUMNS[field]
        column = self.numbers[name] = np.full(self.count, np.nan)
        column[row] = columns.number[values]
        decimals = decimals_of(columns.texts, columns.begin[values], columns.length[values])
        decimals[odd] = -1
        digits = np.zeros(self.count, np.int64)
        digits[row] = decimals + 1
        self.decimals |= digits << (4 * field)
        for at in np.flatnonzero(decimals < 0).tolist():
            place, number, text = int(row[at]), float(columns.number[values[at]]), columns.text(int(values[at]))
            exact = schema.decimals_in(text, None if number != number else number)
            self.decimals[place] &= ~(15 << (4 * field))
            kept = self.text.get(place, {})
            kept.pop(name, None)
            if exact is None:
                self.text.setdefault(place, {})[name] = text
            else:
                self.decimals[place] |= (exact + 1) << (4 * field)
            unreadable = number != number and not read_number(text).kept
            self.unreadable[place] = self.unreadable.get(place, True) and unreadable

    def _flags(self, values: np.ndarray, row: np.ndarray) -> None:
        """Flags: one byte mostly; others by their text."""
        columns = self.columns
        self.flag = np.full(self.count, -1, np.int32)
        single = columns.length[values] == 1
        view = np.frombuffer(columns.texts, np.uint8)
        letters = view[columns.begin[values[single]]]
        known = np.full(256, -1, np.int32)
        for letter in np.unique(letters).tolist():
            known[letter] = self._flag_number(bytes([letter]).decode("latin-1"))
        numbers = np.empty(len(values), np.int32)
        numbers[single] = known[letters]
        for at in np.flatnonzero(~single).tolist():
            numbers[at] = self._flag_number(columns.text(int(values[at])))
        self.flag[row] = numbers

    def _flag_number(self, text: str) -> int:
        return self.flags.setdefault(text, len(self.flags))

    def _samples(self, values: np.ndarray, row: np.ndarray) -> None:
        self.sampled = np.full(self.count, NO_TIME, np.int64)
        known: dict[str, int | None] = {}
        for value, place in zip(values.tolist(), row.tolist(), strict=True):
            text = self.columns.text(value)
            if text not in known:
                time, odd = read_time(text)
                known[text] = None if time is None or odd else schema.micro(time)
            if known[text] is None:
                self.more.setdefault(place, {})["SampleTime"] = text
            else:
                self.sampled[place] = known[text]

    def _times_as_sent(self) -> None:
        """A DataTime that is no time stays with the rows of its packet."""
        columns = self.columns
        for packet, event in columns.event.items():
            text = getattr(event, "data_time", "")
            if text and columns.time[packet] == NO_TIME:
                first = int(self.placed.first[packet])
                for place in range(first, first + int(self.placed.rows[packet])):
                    self.more.setdefault(place, {})["DataTime"] = text

    def table(self, origin: Origin) -> pa.Table:
        """The rows as a table of the lake."""
        placed, heads = self.placed, self.columns.heads
        time = placed.spread(self.columns.time)
        doubt = placed.spread(placed.doubt)
        valid = np.ones(self.count, np.bool_)
        valid[[place for place, bad in self.unreadable.items() if bad]] = False
        found = {
            "mn": _words(placed.spread(placed.mn), placed.devices),
            "st": self._of_head([head.st for head in heads]),
            "cn": self._of_head([head.cn for head in heads]),
            "time": _times(time),
            "factor": _words(self.factor, self.names.codes),
            "flag": None if self.flag is None else _words(self.flag, list(self.flags)),
            "sample_time": None if self.sampled is None else _times(self.sampled),
            "decimals": pa.array(self.decimals),
            "text": _objects(self.text, self.count),
            "more": _objects(self.more, self.count),
            "version": pa.array(placed.spread(origin.received), pa.timestamp("us", tz="UTC")),
            "gateway": _words(np.zeros(self.count, np.int32), [origin.gateway]),
            "sequence": pa.array(placed.spread(origin.sequence)),
            "rf": pa.array(placed.spread(_of_heads(self.columns, [head.again for head in heads], False))),
            "valid": pa.array(valid),
            "doubt": pa.array(doubt),
        } | {name: pa.array(column, from_pandas=True) for name, column in self.numbers.items()}
        arrays = [
            found[one.name] if found.get(one.name) is not None else pa.nulls(self.count, one.type)
            for one in schema.SCHEMA
        ]
        return pa.Table.from_arrays(arrays, schema=schema.SCHEMA)

    def _of_head(self, texts: list[str]) -> pa.Array:
        words: dict[str, int] = {}
        numbers = [words.setdefault(text, len(words)) for text in texts]
        return _words(self.placed.spread(_of_heads(self.columns, numbers, 0)), list(words))


def _words(numbers: np.ndarray, words: list[str]) -> pa.DictionaryArray:
    """Numbers of words (-1: none) as a column of words."""
    numbers = numbers.astype(np.int32, copy=False)
    mask = numbers < 0
    indices = pa.array(numbers, mask=mask) if mask.any() else pa.array(numbers)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string()))


def _times(micros: np.ndarray) -> pa.Array:
    mask = micros == NO_TIME
    return pa.array(micros, pa.timestamp("us", tz="UTC"), mask=mask if mask.any() else None)


def _objects(found: dict[int, dict[str, str]], count: int) -> pa.Array | None:
    """Objects of some rows as JSON, their keys in order so that equal ones are equal texts."""
    if not any(found.values()):
        return None
    column = [None] * count
    for place, one in found.items():
        if one:
            column[place] = json.dumps(one, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return pa.array(column, pa.string())


def decimals_of(data: bytes, begin: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Decimals of plain numbers as the kernel reads them; -1 where number and decimals might not give the text back
    (leading zeros) or where that takes a closer look (no point in the last eight of more characters).

    The last eight bytes are looked at as one word: the place of the point in it is the place of a bit.
    """
    view = np.frombuffer(data, np.uint8)
    if len(view) < _WORD:
        return np.full(len(begin), -1, np.int64)
    words = np.ndarray((len(view) - _WORD + 1,), "<u8", data, strides=(1,))
    end = begin + length
    word = words[np.maximum(end - _WORD, 0)] ^ _POINTS
    word = (word - _ONES) & ~word & _HIGHS  # the high bit of each byte that was a point
    outside = (8 * (_WORD - np.minimum(length, _WORD))).astype(np.uint64)
    word &= _HIGHS << outside
    decimals = (63 - np.bitwise_count(word - np.uint64(1)).astype(np.int64)) // 8
    none = word == 0
    decimals[none] = 0
    decimals[(none & (length > _WORD)) | (length > _LONGEST_EXACT) | (end < _WORD)] = -1
    first = begin + (view[np.minimum(begin, len(view) - 1)] == _MINUS)
    lead = np.flatnonzero((view[np.minimum(first, len(view) - 1)] == _ZERO) & (end - first > 1))
    decimals[lead[view[first[lead] + 1] != _POINT]] = -1
    return decimals
