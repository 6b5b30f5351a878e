"""Issuing a file and checking one that was issued."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from ecocloud.domains.accountability import building
from ecocloud.domains.accountability.building import ISSUE, VIEW
from ecocloud.domains.accountability.errors import FileRefused, NoSuchFile
from ecocloud.domains.accountability.models import IssuedFile
from ecocloud.kernel.journal import chain, proofs
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.journal.proofs import Checked, Proof
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions

_MOST_DAYS = 6 * 366


def checked_days(first: date | None, last: date | None) -> tuple[date, date]:
    """The term; raises :class:`FileRefused` for none, a reversed or a too long one."""
    if first is None or last is None:
        raise FileRefused("没有选择任期的起止日期。", "no days", where={"字段": "任期"}, remedy_zh="请填写起止日期。")
    if last < first or (last - first).days > _MOST_DAYS:
        raise FileRefused("任期的起止日期不合理。", f"bad days {first} {last}", where={"字段": "任期"}, value=last,
                          remedy_zh="截止日期不早于开始日期，且最长六年。")  # fmt: skip
    return first, last


def issue(user: Any, ref: str, first: date, last: date) -> IssuedFile:
    """The file as it is today gets a number, is kept and journalled with its digest. Raises Forbidden, NoSuchFile,
    FileRefused."""
    permissions.require(user, ISSUE)
    first, last = checked_days(first, last)
    dossier = building.build(building.subject_for(user, ref), first, last)
    year = timezone.localdate().year
    with change(user.actor()) as tx:
        taken = IssuedFile.objects.select_for_update().filter(number__startswith=f"ZR{year}-")
        numbers = [int(number.rpartition("-")[2]) for number in taken.values_list("number", flat=True)]
        body = dossier.body
        made = IssuedFile.objects.create(
            number=f"ZR{year}-{max(numbers, default=0) + 1:04d}", subject=ref, label=dossier.subject.label[:200],
            department_id=dossier.subject.department, first=first, last=last, body=body, by=user,
            digest=chain.digest(chain.canonical(body).encode()),
        )  # fmt: skip
        tx.log("accountability.file.issue", made.ref, None, {"number": made.number, "digest": made.digest})
    return made


def file_for(viewer: Any, number: str) -> IssuedFile:
    """An issued file in the viewer's reach; raises Forbidden, :class:`NoSuchFile`."""
    permissions.require(viewer, VIEW)
    row = IssuedFile.objects.select_related("by", "department").filter(number=number.strip().upper()[:20]).first()
    units = building.units_in_reach(viewer)
    if row is None or (units is not None and row.department_id not in units):
        raise NoSuchFile("没有这份档案，或它不在您的数据范围内。", f"no file {number!r} in reach", value=number[:20])
    return row


@dataclass(frozen=True)
class Verdict:
    """What a check says: faults of the file itself, of the chain, and every proof with what became of it."""

    faults: tuple[str, ...]
    checked: tuple[Checked, ...]

    @property
    def holds(self) -> bool:
        """Whether file, chain and every entry are as they were."""
        return not self.faults and all(one.holds for one in self.checked)

    @property
    def broken(self) -> list[Checked]:
        """The proofs that do not hold."""
        return [one for one in self.checked if not one.holds]


def proofs_in(body: dict[str, Any]) -> list[Proof]:
    """Every proof in a file, each once, in the order of entries."""
    found = {
        (int(pk), digest)
        for section in body["sections"] for line in section["lines"] for pk, digest in line["proofs"]
    }  # fmt: skip
    return [Proof(pk, digest) for pk, digest in sorted(found)]


def check(row: IssuedFile, printed: str = "") -> Verdict:
    """Whether a file still holds: as it was issued, and every entry in it as the chain has it. ``printed``: the digest
    that stands on the paper, or its first digits."""
    faults = []
    if chain.digest(chain.canonical(row.body).encode(), chain.algorithm_of(row.digest)) != row.digest:
        faults.append("存档内容与签发时不同")
    entry = Entry.objects.filter(ref_kind="dossier", ref_key=str(row.pk), action="accountability.file.issue").first()
    if entry is None or f'"digest":"{row.digest}"' not in entry.after:
        faults.append("签发记录已不存在或摘要不同")
    given = printed.strip().lower()
    if given and not (row.digest == given or row.digest.rpartition(":")[2].startswith(given.rpartition(":")[2])):
        faults.append("纸面摘要与签发时不同")
    wanted = proofs_in(row.body)
    if entry is not None:
        wanted.append(Proof(entry.pk, entry.digest))
    return _verdict(faults, wanted)


def check_printed(texts: Sequence[str]) -> Verdict:
    """Whether entries named on paper (``1203@9f2c…``) still hold; raises NotAProof."""
    return _verdict([], [Proof.parse(text) for text in texts])


def _verdict(faults: list[str], wanted: list[Proof]) -> Verdict:
    return Verdict((*faults, *proofs.check_chain(wanted)), tuple(proofs.check(wanted)))
