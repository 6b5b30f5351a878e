"""Single entries as proof: their number and digest on paper, checked later against the chain as it is then."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ecocloud.base.errors import EcoError
from ecocloud.kernel.journal import verification
from ecocloud.kernel.journal.models import Entry, Link

_CHUNK = 500
_FORM = re.compile(r"(\d{1,18})[@#:]((?:sm3:|sha256:)?[0-9a-f]{12,64})")
# Hexadecimal digits of a digest that are printed; 64 bits tell any two entries apart.
SHORT = 16


class NotAProof(EcoError):
    """The text does not name an entry and its digest."""

    code = "journal.proof"


@dataclass(frozen=True)
class Proof:
    """An entry by its number, and its digest: whole (``sm3:…``), or the first digits of it as printed."""

    entry: int
    digest: str

    @property
    def printed(self) -> str:
        """How it stands on paper: ``1203@9f2c…`` with sixteen digits."""
        return f"{self.entry}@{self.digest.rpartition(':')[2][:SHORT]}"

    @classmethod
    def parse(cls, text: str) -> Proof:
        """Read the printed form; raises :class:`NotAProof`."""
        found = _FORM.fullmatch(text.strip().lower())
        if found is None:
            raise NotAProof("记录号的写法不对。", f"{text!r} is no proof", value=text[:60],
                            remedy_zh="应形如 1203@9f2c41d0a3b87e65。")  # fmt: skip
        return cls(int(found[1]), found[2])

    def fits(self, digest: str) -> bool:
        """Whether a whole digest is the one named here."""
        return digest == self.digest if ":" in self.digest else digest.rpartition(":")[2].startswith(self.digest)


@dataclass(frozen=True)
class Checked:
    """What became of one proof. ``fault`` says what is wrong, '' when it holds."""

    proof: Proof
    fault: str = ""

    @property
    def holds(self) -> bool:
        """Whether the entry is there as it was and sealed in the chain."""
        return not self.fault


def proofs_of(entries: Iterable[int]) -> dict[int, Proof]:
    """The proofs of entries by number (one query for each five hundred)."""
    keys, found = sorted(set(entries)), {}
    for first in range(0, len(keys), _CHUNK):
        rows = Entry.objects.filter(pk__in=keys[first : first + _CHUNK]).values_list("pk", "digest")
        found |= {pk: Proof(pk, digest) for pk, digest in rows}
    return found


def entries_about(refs: Iterable[str], actions: Iterable[str] = ()) -> Mapping[str, list[tuple[int, str]]]:
    """For references of one or more kinds the entries about them in order: ``ref -> [(number, action)]``."""
    by_kind: dict[str, set[str]] = defaultdict(set)
    for ref in refs:
        kind, _colon, key = ref.partition(":")
        by_kind[kind].add(key)
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    wanted = list(actions)
    for kind, keys in by_kind.items():
        ordered = sorted(keys)
        for first in range(0, len(ordered), _CHUNK):
            rows = Entry.objects.filter(ref_kind=kind, ref_key__in=ordered[first : first + _CHUNK])
            if wanted:
                rows = rows.filter(action__in=wanted)
            for pk, key, action in rows.order_by("pk").values_list("pk", "ref_key", "action"):
                found[f"{kind}:{key}"].append((pk, action))
    return found


def check(proofs: Sequence[Proof]) -> list[Checked]:
    """Each proof against the journal: the entry is there, says what its digest says, is the one that was printed, and
    lies in a link that holds. :func:`check_chain` says whether the links reach the head unbroken."""
    rows = {}
    keys = sorted({one.entry for one in proofs})
    for first in range(0, len(keys), _CHUNK):
        rows |= Entry.objects.in_bulk(keys[first : first + _CHUNK])
    broken = _broken_links({row.tx for row in rows.values()})
    return [Checked(one, _fault(one, rows.get(one.entry), broken)) for one in proofs]


def _fault(proof: Proof, row: Entry | None, broken: Mapping[str, str]) -> str:
    if row is None:
        return f"记录 {proof.entry} 已不存在"
    if not proof.fits(row.digest):
        return f"记录 {proof.entry} 的摘要与文件所载不同"
    if not verification.fits_entry(row):
        return f"记录 {proof.entry} 的内容被改动"
    return broken.get(row.tx, "")


def _broken_links(names: set[str]) -> dict[str, str]:
    """The transactions of these whose link is missing or does not hold, with the reason."""
    ordered, faults = sorted(names), {}
    for first in range(0, len(ordered), _CHUNK):
        part = ordered[first : first + _CHUNK]
        links = {link.tx: link for link in Link.objects.filter(tx__in=part)}
        before = Link.objects.in_bulk([link.number - 1 for link in links.values() if link.number > 1])
        entries: dict[str, list[Entry]] = defaultdict(list)
        for entry in Entry.objects.filter(tx__in=part).order_by("tx", "position"):
            entries[entry.tx].append(entry)
        for tx in part:
            link = links.get(tx)
            if link is None:
                faults[tx] = "所在链节已不存在"
                continue
            found = verification.check_link(link, before.get(link.number - 1), entries[tx])
            if found:
                faults[tx] = found[0].sentence_zh
    return faults


def check_chain(proofs: Sequence[Proof]) -> list[str]:
    """Whether the chain goes unbroken from the oldest of these entries to its signed head and the anchors: sentences
    about what is wrong, empty when it does."""
    names = Entry.objects.filter(pk__in=[min((one.entry for one in proofs), default=0)]).values("tx")
    first = Link.objects.filter(tx__in=names).values_list("number", flat=True).first()
    if first is None:
        return ["所在链节已不存在"] if proofs else []
    return [finding.sentence_zh for finding in verification.check_from(first)]
