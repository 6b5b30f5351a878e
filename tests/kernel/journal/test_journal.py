"""The journal: one link for each transaction, nothing altered, removed, reordered or cut unnoticed."""

import json

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from ecocloud.kernel.journal import anchors, chain, verification
from ecocloud.kernel.journal.models import Entry, Head, Link
from ecocloud.kernel.journal.refs import Ref, RefError, Resolved, register_resolver, resolve
from ecocloud.kernel.journal.services import Actor, change

ACTOR = Actor("7", "林某", "市发展改革委", "127.0.0.1", "r1")

pytestmark = pytest.mark.django_db


def write(count: int, entries: int = 2) -> None:
    """``count`` transactions of ``entries`` entries each."""
    for number in range(count):
        with change(ACTOR) as tx:
            for position in range(entries):
                tx.log("test.thing.edit", f"thing:{number}-{position}", {"a": 1}, {"a": 2}, note="说明")


def kinds() -> list[str]:
    return sorted({finding.kind for finding in verification.verify().findings})


def test_one_link_per_transaction_and_nested_blocks_join():
    with change(ACTOR) as outer:
        outer.log("a.b.c", "thing:1")
        with change(Actor("8", "邓某")) as inner:
            inner.log("a.b.d", "thing:2")
    link = Link.objects.get()
    assert (link.count, link.total, link.previous) == (2, 2, chain.GENESIS)
    assert list(Entry.objects.order_by("position").values_list("actor_name", flat=True)) == ["林某", "邓某"]
    assert verification.verify().consistent


def test_failed_inner_block_leaves_no_entry():
    with change(ACTOR) as outer:
        outer.log("a.b.c", "thing:1")
        with pytest.raises(RuntimeError), change(ACTOR) as inner:
            inner.log("a.b.d", "thing:2")
            raise RuntimeError
    assert Entry.objects.get().ref_key == "1"
    assert verification.verify().consistent


def test_failed_transaction_leaves_nothing():
    with pytest.raises(RuntimeError), change(ACTOR) as tx:
        tx.log("a.b.c", "thing:1")
        raise RuntimeError
    assert not Entry.objects.exists() and not Link.objects.exists() and Head.objects.get().number == 0


def test_hooks_run_before_the_seal_and_may_log():
    with change(ACTOR) as tx:
        tx.before_seal(lambda: tx.log("a.b.hook", "thing:9"))
        tx.log("a.b.c", "thing:1")
    assert Link.objects.get().count == 2


def test_digest_is_sm3_with_the_standards_known_answer():
    # GB/T 32905-2016 appendix A.1: SM3("abc").
    assert chain.digest(b"abc", "sm3") == "sm3:66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    # FIPS 180-4 example: SHA-256("abc").
    assert chain.digest(b"abc", "sha256").endswith("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")


@pytest.mark.parametrize("field", ["actor_name", "action", "after", "note", "ref_key", "address"])
def test_altered_entry_is_found_and_named(field):
    write(3)
    victim = Entry.objects.order_by("id")[2]
    Entry.objects.filter(pk=victim.pk).update(**{field: "x"})
    findings = verification.verify().findings
    assert [f.kind for f in findings] == ["altered"] and findings[0].place == f"entry {victim.pk}"


def test_altered_entry_with_recomputed_digest_is_found():
    write(3)
    victim = Entry.objects.order_by("id")[2]
    victim.note = "伪造"
    victim.digest = chain.entry_digest(victim.sealed_fields())
    victim.save()
    assert kinds() == ["altered"]


def test_removed_entry_is_found():
    write(3)
    Entry.objects.order_by("id")[3].delete()
    assert kinds() == ["removed"]


def test_added_entry_is_found():
    write(2)
    first = Entry.objects.order_by("id").first()
    first.pk, first.position = None, 7
    first.save()
    loose = Entry.objects.order_by("id").first()
    loose.pk, loose.tx = None, "0" * 32
    loose.save()
    assert "added" in kinds()


def test_swapped_entries_are_found():
    write(1, entries=2)
    a, b = Entry.objects.order_by("position")
    Entry.objects.filter(pk=a.pk).update(position=9)
    Entry.objects.filter(pk=b.pk).update(position=0)
    Entry.objects.filter(pk=a.pk).update(position=1)
    assert "altered" in kinds()


def test_removed_link_is_found():
    write(4)
    victim = Link.objects.get(number=2)
    Entry.objects.filter(tx=victim.tx).delete()
    victim.delete()
    assert "removed" in kinds()


def test_reordered_links_are_found():
    write(4)
    Link.objects.filter(number=2).update(number=99)
    Link.objects.filter(number=3).update(number=2)
    Link.objects.filter(number=99).update(number=3)
    assert "reordered" in kinds()


def test_cut_tail_behind_an_anchor_is_found_even_with_a_resigned_head():
    write(5)
    anchors.write_anchor()
    for number in (5, 4):
        link = Link.objects.get(number=number)
        Entry.objects.filter(tx=link.tx).delete()
        link.delete()
    last = Link.objects.get(number=3)
    head = Head.objects.get()
    head.number, head.total, head.digest, head.at = last.number, last.total, last.digest, last.at
    head.signature = anchors.sign_head(head)
    head.save()
    report = verification.verify()
    assert [f.kind for f in report.findings] == ["cut"] and "5" in report.findings[0].place


def test_cut_tail_without_touching_the_head_is_found():
    write(3)
    link = Link.objects.get(number=3)
    Entry.objects.filter(tx=link.tx).delete()
    link.delete()
    assert kinds() == ["cut"]


def test_rewritten_chain_does_not_fit_its_anchor():
    write(2)
    anchors.write_anchor()
    Entry.objects.all().delete()
    Link.objects.all().delete()
    Head.objects.update(number=0, total=0, digest=chain.GENESIS, signature="")
    write(3)
    assert "altered" in kinds()


def test_forged_anchor_line_is_found(settings):
    write(1)
    anchors.write_anchor()
    line = json.loads(settings.JOURNAL_ANCHOR_FILE.read_text())
    line["number"] = 50
    with settings.JOURNAL_ANCHOR_FILE.open("a") as stream:
        stream.write(json.dumps(line) + "\n")
    assert kinds() == ["unsigned"]


def test_forged_head_signature_is_found():
    write(1)
    Head.objects.update(signature="hmac-sm3:00")
    assert kinds() == ["unsigned"]


def test_report_says_since_which_anchor():
    write(2)
    anchors.write_anchor()
    write(1)
    report = verification.verify()
    assert report.consistent and report.anchor.number == 2 and "自锚 2" in report.sentence_zh()


def test_removed_head_refuses_writes():
    write(1)
    Head.objects.all().delete()
    from ecocloud.kernel.journal.services import JournalError

    with pytest.raises(JournalError):
        write(1)
    assert Entry.objects.count() == 2


@given(
    st.from_regex(r"[a-z][a-z0-9_-]{0,19}", fullmatch=True),
    st.from_regex(r"[^#@\s]{1,30}", fullmatch=True),
    st.from_regex(r"([^@\s]{1,20})?", fullmatch=True),
    st.from_regex(r"([^@#\s]{1,20})?", fullmatch=True),
)
def test_ref_text_round_trips(kind, key, fragment, version):
    ref = Ref(kind, key, fragment, version)
    assert Ref.parse(str(ref)) == ref


@pytest.mark.parametrize("text", ["", "doc", "doc:", "Doc:1", "doc:1 2", ":1", "doc:1#", "doc:1@"])
def test_what_is_not_a_reference_is_refused(text):
    with pytest.raises(RefError) as error:
        Ref.parse(text)
    assert error.value.value == text


def test_unknown_kind_and_missing_record_are_named_without_a_link():
    assert resolve("nokind:1", None).url == "" and not resolve("nokind:1", None).allowed
    register_resolver("secret", lambda ref, viewer: Resolved(ref, "密件", "/secret/", "内容", allowed=False))
    hidden = resolve("secret:1", None)
    assert hidden.url == "" and hidden.excerpt == ""


def test_log_inside_plain_atomic_stays_consistent_on_savepoint_rollback():
    with change(ACTOR) as tx:
        tx.log("a.b.c", "thing:1")
        with pytest.raises(ValueError), transaction.atomic():
            raise ValueError
    assert verification.verify().consistent
    assert connection.in_atomic_block
