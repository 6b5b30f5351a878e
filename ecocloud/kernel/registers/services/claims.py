"""What only one object of a register may have: its code, the next number, the values of a uniqueness key.

Asked of the database for some hundreds at a time, before anything is written; the same in the preview of a workbook,
where what earlier rows want is remembered.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ecocloud.kernel.regions import codes
from ecocloud.kernel.registers import queries, values
from ecocloud.kernel.registers.definition import TypeDefinition
from ecocloud.kernel.registers.errors import Duplicate, ValueFault
from ecocloud.kernel.registers.models import ObjectKey, RegisterObject
from ecocloud.kernel.registers.register import Register

_BATCH = 500
_DIGITS = 5
_MOST = 10**_DIGITS - 1
Fault = Duplicate | ValueFault


@dataclass
class Claim:
    """What one object wants.

    ``code`` is '' for the next number of ``region`` (it is given then); ``digests`` are those of uniqueness keys that
    are new to it; ``own`` is its code when it is there already: then it wants no other.
    """

    name: str
    code: str
    digests: Mapping[str, str]
    region: str = ""
    own: str = ""


@dataclass
class Claims:
    """Who wants what, in order; the first has it."""

    register: Register
    user: Any
    _codes: dict[str, str] = field(default_factory=dict)
    _keys: dict[tuple[str, str], str] = field(default_factory=dict)
    _last: dict[str, int] = field(default_factory=dict)

    def check(
        self, wanted: Sequence[Claim], named: Callable[[int], str], sound: Callable[[int], bool] = lambda at: True,
    ) -> list[list[Fault]]:  # fmt: skip
        """What each cannot have, and why; new codes are put into the claims.

        named: what to call the claim at a place; sound: whether it will be written if nothing stands against it (else
        it keeps nothing from others). An object outside the reach of ``user`` is not named.
        """
        taken, holders = self._taken_codes(wanted), self._holders(wanted)
        found: list[list[Fault]] = []
        for at, one in enumerate(wanted):
            faults = self._key_faults(one, holders)
            if one.code and (one.code in taken or one.code in self._codes):
                by = self._codes.get(one.code)
                more = f"（{by}）" if by and by != one.code else ""
                faults.append(Duplicate(
                    f"编码 {one.code} 已经使用{more}。", "code taken", value=one.code, field="code",
                    where={"字段": "编码"}, remedy_zh="请换一个编码，或留空由系统编号。",
                ))  # fmt: skip
            if not faults and sound(at):
                faults = self._keep(one, named, at)
            found.append(faults)
        return found

    def _keep(self, one: Claim, named: Callable[[int], str], at: int) -> list[Fault]:
        """Give the claim what it wants; a fault when the numbers of its division are used up."""
        if not one.code and not one.own:
            head = f"{self.register.definition.prefix}{codes.normalise(one.region)[:6]}"
            number = self._number(head) + 1
            if number > _MOST:
                return [ValueFault("code", "该区划的编号已用完。", "numbers used up", value=head,
                                   remedy_zh="请自行填写编码。")]  # fmt: skip
            self._last[head], one.code = number, f"{head}{number:0{_DIGITS}d}"
        elif one.code:
            head, number = one.code[:-_DIGITS], one.code[-_DIGITS:]
            if _numbered(number) and head.startswith(self.register.definition.prefix):
                self._last[head] = max(self._number(head), int(number))
        if one.code:
            self._codes[one.code] = named(at)
        for key in one.digests.items():
            self._keys[key] = named(at)
        return []

    def _number(self, head: str) -> int:
        """The last number given behind ``head``; codes of another form that people chose are passed over."""
        if head not in self._last:
            known = RegisterObject.objects.filter(type=self.register.pk, code__gte=f"{head}00000",
                                                  code__lte=f"{head}99999")  # fmt: skip
            there = known.order_by("-code").values_list("code", flat=True).iterator(chunk_size=20)
            self._last[head] = next((int(code[len(head) :]) for code in there if _numbered(code[len(head) :])), 0)
        return self._last[head]

    def _taken_codes(self, wanted: Sequence[Claim]) -> set[str]:
        given, found = [one.code for one in wanted if one.code], set()
        for first in range(0, len(given), _BATCH):
            rows = RegisterObject.objects.filter(type=self.register.pk, code__in=given[first : first + _BATCH])
            found |= set(rows.values_list("code", flat=True))
        return found

    def _holders(self, wanted: Sequence[Claim]) -> dict[tuple[str, str], tuple[str, bool]]:
        """The objects that have one of the wanted keys: code, and whether the person may see it."""
        asked = [key for one in wanted for key in one.digests.items()]
        found: dict[tuple[str, str], tuple[int, str]] = {}
        for first in range(0, len(asked), _BATCH):
            part = asked[first : first + _BATCH]
            rows = ObjectKey.objects.filter(  # without the name its index is of no use
                type=self.register.pk, name__in={name for name, _ in part}, digest__in=[digest for _, digest in part]
            )
            for name, digest, pk, code in rows.values_list("name", "digest", "object", "object__code"):
                found[name, digest] = pk, code
        if not found:
            return {}
        keys = [pk for pk, _ in found.values()]
        seen: set[int] = set()
        for first in range(0, len(keys), _BATCH):
            rows = queries.reachable(self.user).filter(pk__in=keys[first : first + _BATCH])
            seen |= set(rows.values_list("pk", flat=True))
        return {key: (code, pk in seen) for key, (pk, code) in found.items()}

    def _key_faults(self, one: Claim, holders: Mapping[tuple[str, str], tuple[str, bool]]) -> list[Fault]:
        faults: list[Fault] = []
        for key in one.digests.items():
            code, seen = holders.get(key, ("", True))
            if code and code != one.own:
                faults.append(duplicate(self.register.definition, one, key[0], code if seen else ""))
            elif key in self._keys:
                faults.append(duplicate(self.register.definition, one, key[0], self._keys[key]))
        return faults


def duplicate(definition: TypeDefinition, one: Claim, name: str, other: str) -> Duplicate:
    """The refusal of what repeats uniqueness key ``name`` of ``other`` ('': one that the person may not see)."""
    key = next(key for key in definition.unique if key.code == name)
    words = "、".join("名称" if code == "name" else definition.by_code[code].zh for code in key.fields)
    with_whom = other or "您数据范围以外的一个对象"
    return Duplicate(
        f"“{one.name}”的{words}与{f' {other} ' if other else with_whom}相同。", f"{name} repeats {other or 'another'}",
        value=other or None, field=key.fields[0], where={"对象": one.own or one.code} if one.own or one.code else None,
        remedy_zh="请核对是否同一对象；确为不同对象时请改正这些项目。",
    )  # fmt: skip


def digests(register: Register, state: str, name: str, typed: Mapping[str, Any]) -> dict[str, str]:
    """The digests of an object's uniqueness keys by key; a retired object has none."""
    if state == "retired":
        return {}
    seen = {**typed, "name": name}
    made = {key.code: key_digest(key.fields, seen) for key in register.definition.unique}
    return {code: digest for code, digest in made.items() if digest}


def key_digest(fields: Iterable[str], typed: Mapping[str, Any]) -> str:
    """The digest of a uniqueness key's values; '' when one of them is missing (then nothing is compared)."""
    body = values.encode({code: typed.get(code) for code in fields})
    if len(body) < len(set(fields)):
        return ""
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _numbered(text: str) -> bool:
    return len(text) == _DIGITS and text.isascii() and text.isdigit()
