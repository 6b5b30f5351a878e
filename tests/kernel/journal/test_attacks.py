"""What an attacker with the database (not the key) may write, and what a failing disk does: verification names it and
never falls over; a change that is committed is never reported as failed."""

import pytest
from django.db import connection

from ecocloud.kernel.journal import anchors, verification
from ecocloud.kernel.journal.models import Entry, Head, Link
from ecocloud.kernel.journal.services import Actor, change

ACTOR = Actor("7", "林某", "市发展改革委", "127.0.0.1", "r1")
pytestmark = pytest.mark.django_db


@pytest.fixture
def written():
    for number in range(4):
        with change(ACTOR) as tx:
            tx.log("test.thing.edit", f"thing:{number}", {"a": 1}, {"a": 2})
            tx.log("test.thing.edit", f"thing:{number}-b", {"a": 1}, {"a": 2})
    anchors.write_anchor()
    assert verification.verify().consistent


@pytest.mark.parametrize("digest", ["", "x", "md5:00", "sm3", "sha256:"])
@pytest.mark.parametrize("table", [Entry, Link])
def test_a_digest_of_no_known_form_is_a_finding(written, table, digest):
    row = table.objects.order_by("pk")[2]
    table.objects.filter(pk=row.pk).update(digest=digest)
    report = verification.verify()
    assert any(str(row.pk) in finding.place for finding in report.findings)
    assert report.links == 4, "the rest was read all the same"


def test_a_count_made_huge_is_a_finding_and_costs_no_memory(written):
    import tracemalloc

    Link.objects.filter(number=2).update(count=2_000_000)
    tracemalloc.start()
    report = verification.verify()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert any(finding.place == "link 2" for finding in report.findings)
    assert len(report.findings) < 50 and peak < 20e6


def test_a_time_that_is_no_time_is_a_finding(written):
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite takes any text as a time")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE journal_entry SET at = 'gestern' WHERE ref_key = '1'")
        cursor.execute("UPDATE journal_link SET at = '2026-99-99 00:00:00' WHERE number = 3")
    report = verification.verify()
    assert {finding.kind for finding in report.findings} >= {"altered"}
    assert any(finding.place == "link 3" for finding in report.findings)


def test_removed_anchors_are_a_finding(written, settings):
    settings.JOURNAL_ANCHOR_FILE.unlink()
    settings.JOURNAL_ANCHOR_ON_COMMIT = True
    report = verification.verify()
    assert [finding.place for finding in report.findings] == ["anchors"]


def test_a_chain_set_back_with_its_old_head_and_without_anchors_is_a_finding(written, settings):
    """Tail cut, an old signed head put back, anchor file deleted: everything that is left fits together."""
    settings.JOURNAL_ANCHOR_ON_COMMIT = True
    old = Head.objects.get(pk=1)
    with change(ACTOR) as tx:
        tx.log("test.thing.edit", "thing:9")
    Entry.objects.filter(ref_key="9").delete()
    Link.objects.filter(number=5).delete()
    old.save()
    settings.JOURNAL_ANCHOR_FILE.unlink()
    assert not verification.verify().consistent


@pytest.mark.django_db(transaction=True)
def test_a_committed_change_is_not_reported_as_failed_when_the_anchor_cannot_be_written(settings, tmp_path, caplog):
    settings.JOURNAL_ANCHOR_ON_COMMIT = True
    (tmp_path / "plain").write_text("no folder")
    settings.JOURNAL_ANCHOR_FILE = tmp_path / "plain" / "journal.anchor"
    anchors._last_written = float("-inf")
    with change(ACTOR) as tx:
        tx.log("test.thing.edit", "thing:1")
    assert Entry.objects.count() == 1
    assert "anchor" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_an_anchor_line_broken_off_by_a_power_cut_does_not_spoil_the_next(settings):
    settings.JOURNAL_ANCHOR_ON_COMMIT = False
    with change(ACTOR) as tx:
        tx.log("test.thing.edit", "thing:1")
    anchors.write_anchor()
    with settings.JOURNAL_ANCHOR_FILE.open("a") as stream:
        stream.write('{"number": 2, "tot')
    with change(ACTOR) as tx:
        tx.log("test.thing.edit", "thing:2")
    anchors.write_anchor()
    known, bad = anchors.read_anchors()
    assert [anchor.number for anchor in known] == [1, 2] and bad == []


def test_clock_going_backwards_keeps_the_chain(monkeypatch):
    from datetime import UTC, datetime, timedelta

    from ecocloud.kernel.journal import services

    now = datetime(2026, 1, 1, tzinfo=UTC)
    for step in (0, -3600, 30):
        monkeypatch.setattr(services.timezone, "now", lambda step=step: now + timedelta(seconds=step))
        with change(ACTOR) as tx:
            tx.log("test.thing.edit", "thing:1")
    assert verification.verify().consistent


def test_large_transaction_is_one_link(full_size):
    size = 10_000 if full_size else 1_500
    with change(ACTOR) as tx:
        for number in range(size):
            tx.log("test.thing.edit", f"thing:{number}", {"a": number}, {"a": number + 1})
    assert Link.objects.get().count == size
    report = verification.verify()
    assert report.consistent and report.entries == size
