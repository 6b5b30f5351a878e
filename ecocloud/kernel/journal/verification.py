"""Verification of the whole journal, streamed: links in order, their entries, the head, the anchors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from ecocloud.kernel.journal import anchors, chain
from ecocloud.kernel.journal.models import Entry, Head, Link

_CHUNK = 500
# Missing entries of one link that are named one by one.
_NAMED = 20


@dataclass
class Report:
    """What verification can say: how much was read, since which anchor the journal is consistent, what is wrong."""

    links: int = 0
    entries: int = 0
    anchor: anchors.Anchor | None = None
    findings: list[chain.Finding] = field(default_factory=list)

    @property
    def consistent(self) -> bool:
        """No finding at all."""
        return not self.findings

    def sentence_zh(self) -> str:
        """The result as one sentence."""
        if self.findings:
            return f"发现 {len(self.findings)} 处问题：{self.findings[0].sentence_zh}"
        since = f"自锚 {self.anchor.number}（{self.anchor.at[:19]}）以来一致" if self.anchor else "一致，尚无锚"
        return f"留痕{since}：{self.links} 个链节、{self.entries} 条记录。"


def _finding(kind: str, place: str, zh: str, en: str) -> chain.Finding:
    return chain.Finding(kind, place, zh, en)


def _fits(digest: str, make: Callable[[str], str]) -> bool:
    """Whether ``digest`` is what ``make(algorithm)`` gives; a digest that names no known algorithm never is."""
    try:
        return make(chain.algorithm_of(digest)) == digest
    except ValueError:
        return False


def _rows(queryset: QuerySet) -> list[Any]:
    """The rows of a query; a time that the database driver cannot read (written past us) is ``None``."""
    try:
        return list(queryset)
    except ValueError:
        rows = list(queryset.defer("at"))
    for row in rows:
        try:
            row.at  # noqa: B018 - read from the database here
        except ValueError:
            row.at = None
    return rows


def _missing(link: Link, present: set[int]) -> Iterator[chain.Finding]:
    """The first missing entries by name, the rest as a number (``count`` itself may be forged and huge)."""
    absent = (position for position in range(link.count) if position not in present)
    for position in islice(absent, _NAMED):
        yield _finding(
            "removed",
            f"link {link.number} entry {position}",
            f"链节 {link.number} 的第 {position + 1} 条记录被删除。",
            f"link {link.number}: entry {position} was removed",
        )
    rest = link.count - sum(position < link.count for position in present) - _NAMED
    if rest > 0:
        yield _finding(
            "removed",
            f"link {link.number}",
            f"链节 {link.number} 另有 {rest} 条记录缺失。",
            f"link {link.number}: {rest} more entries are missing",
        )


def _check_entries(link: Link, entries: list[Entry]) -> Iterator[chain.Finding]:
    for entry in entries:
        if not _fits(entry.digest, lambda algorithm, entry=entry: chain.entry_digest(entry.sealed_fields(), algorithm)):
            yield _finding(
                "altered",
                f"entry {entry.pk}",
                f"记录 {entry.pk}（{entry.action} {entry.ref_kind}:{entry.ref_key}）内容被改动。",
                f"entry {entry.pk} ({entry.action}) was altered",
            )
    positions = {entry.position for entry in entries}
    missing = list(_missing(link, positions))
    yield from missing
    extra = sorted(position for position in positions if not 0 <= position < link.count)
    for position in extra:
        yield _finding(
            "added",
            f"link {link.number} entry {position}",
            f"链节 {link.number} 多出第 {position + 1} 条记录。",
            f"link {link.number}: entry {position} was added",
        )
    sealed = [entry.digest for entry in entries]
    if not missing and not extra and not _fits(link.rows, lambda algorithm: chain.rows_digest(sealed, algorithm)):
        yield _finding(
            "altered",
            f"link {link.number}",
            f"链节 {link.number} 的记录与封存时不同或次序被改。",
            f"link {link.number}: entries differ from what was sealed or were reordered",
        )


def _check_link(link: Link, previous: Link | None) -> Iterator[chain.Finding]:
    number = previous.number + 1 if previous else 1
    if link.number != number:
        yield _finding(
            "removed",
            f"link {number}",
            f"链节 {number} 至 {link.number - 1} 被删除。",
            f"links {number} to {link.number - 1} were removed",
        )
    elif link.previous != (previous.digest if previous else chain.GENESIS):
        yield _finding(
            "reordered",
            f"link {link.number}",
            f"链节 {link.number} 与前一链节不衔接。",
            f"link {link.number} does not follow the link before it",
        )
    content = chain.LinkContent(link.number, link.tx, link.at, link.count, link.total, link.rows, link.previous)
    if not _fits(link.digest, lambda algorithm: chain.link_digest(content, algorithm)):
        place = f"link {link.number}"
        yield _finding("altered", place, f"链节 {link.number} 被改动。", f"{place} was altered")


def _check_head(last: Link | None) -> Iterator[chain.Finding]:
    head = Head.objects.filter(pk=1).first()
    if head is None:
        yield _finding("removed", "head", "链头被删除。", "the head was removed")
        return
    if head.number and head.signature != anchors.sign_head(head):
        yield _finding("unsigned", "head", "链头签名不符。", "the head's signature does not hold")
    if head.number != (last.number if last else 0) or (last and head.digest != last.digest):
        yield _finding(
            "cut",
            "head",
            f"链头为 {head.number}，而最后的链节为 {last.number if last else 0}：尾部被截去或被替换。",
            f"head says {head.number} but the last link is {last.number if last else 0}: the tail was cut or replaced",
        )


def _check_anchors(known: list[anchors.Anchor], last: Link | None) -> Iterator[chain.Finding]:
    end = last.number if last else 0
    if last and not known and getattr(settings, "JOURNAL_ANCHOR_ON_COMMIT", True):
        yield _finding(
            "removed",
            "anchors",
            "没有任何有效的锚：锚文件被删除、换掉，或签名密钥丢失。",
            "no valid anchor at all: the anchor file was removed or replaced, or the key was lost",
        )
    digests = dict(Link.objects.filter(number__in=[a.number for a in known[-5000:]]).values_list("number", "digest"))
    for anchor in known[-5000:]:
        if anchor.number > end:
            yield _finding(
                "cut",
                f"anchor {anchor.number}",
                f"锚 {anchor.number}（{anchor.at[:19]}）之后的尾部被截去，现仅存至链节 {end}。",
                f"tail behind anchor {anchor.number} was cut: the last link is {end}",
            )
        elif digests.get(anchor.number) not in (None, anchor.digest):
            yield _finding(
                "altered",
                f"anchor {anchor.number}",
                f"链节 {anchor.number} 与锚不符，链被整体重写。",
                f"link {anchor.number} differs from its anchor: the chain was rewritten",
            )


def _orphans() -> Iterator[chain.Finding]:
    for entry in Entry.objects.exclude(tx__in=Link.objects.values("tx")).order_by("pk").only("pk")[:100]:
        yield _finding(
            "added", f"entry {entry.pk}", f"记录 {entry.pk} 不属于任何链节。", f"entry {entry.pk} belongs to no link"
        )


def verify(progress: Callable[[int, int], None] | None = None) -> Report:
    """Read the whole journal and name every fault. ``progress(done, total)`` is called after each chunk of links."""
    report = Report()
    known, bad_lines = anchors.read_anchors()
    total = Link.objects.count()
    previous: Link | None = None
    while True:
        after = previous.number if previous else -(2**62)
        links = _rows(Link.objects.filter(number__gt=after).order_by("number")[:_CHUNK])
        if not links:
            break
        entries = defaultdict(list)
        for entry in _rows(Entry.objects.filter(tx__in=[link.tx for link in links]).order_by("position")):
            entries[entry.tx].append(entry)
        for link in links:
            report.findings.extend(_check_link(link, previous))
            report.findings.extend(_check_entries(link, entries[link.tx]))
            report.entries += len(entries[link.tx])
            previous = link
        report.links += len(links)
        if progress:
            progress(report.links, total)
    report.findings.extend(_check_head(previous))
    report.findings.extend(_orphans())
    report.findings.extend(bad_lines)
    report.findings.extend(_check_anchors(known, previous))
    report.anchor = known[-1] if known else None
    return report


# --- parts of the journal ---------------------------------------------------------------------------------------------


def fits_entry(entry: Entry) -> bool:
    """Whether an entry still says what its digest says."""
    return _fits(entry.digest, lambda algorithm: chain.entry_digest(entry.sealed_fields(), algorithm))


def check_link(link: Link, previous: Link | None, entries: list[Entry]) -> list[chain.Finding]:
    """The faults of one link and its entries; ``previous``: the link before it, None for the first."""
    return [*_check_link(link, previous), *_check_entries(link, entries)]


def check_from(number: int) -> list[chain.Finding]:
    """The faults of the chain from a link to the signed head and the anchors; entries are not read."""
    found: list[chain.Finding] = []
    previous = Link.objects.filter(number=number - 1).first() if number > 1 else None
    after = number - 1
    while True:
        links = _rows(Link.objects.filter(number__gt=after).order_by("number")[:_CHUNK])
        if not links:
            break
        for link in links:
            found.extend(_check_link(link, previous))
            previous, after = link, link.number
    found.extend(_check_head(previous))
    known, bad_lines = anchors.read_anchors()
    found.extend(bad_lines)
    found.extend(_check_anchors(known, previous))
    return found
