"""Accountability files: what stands in them, who may see them, and that paper can be checked against the journal."""

import io
import json
from argparse import Namespace
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from docx import Document
from openpyxl import load_workbook

from ecocloud.base.errors import Forbidden
from ecocloud.domains.accountability import building, commands, paper, services
from ecocloud.domains.accountability.errors import FileRefused, NoSuchFile
from ecocloud.domains.accountability.models import IssuedFile
from ecocloud.kernel.duties import services as duties
from ecocloud.kernel.duties.models import WorkItem
from ecocloud.kernel.journal.models import Entry, Link
from ecocloud.kernel.journal.proofs import NotAProof, Proof
from ecocloud.kernel.regions import services as regions
from ecocloud.kernel.regions.models import Post, PostHandover, User
from tests.kernel.duties.conftest import maker, people_and_units

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
YEAR = (TODAY.replace(month=1, day=1), TODAY)


@pytest.fixture
def unit(db):
    """The water bureau: one duty closed in time, one late and open, one sent back, one reopened, one instruction."""
    from django.core.cache import cache, caches

    cache.clear()
    caches["shared"].clear()
    town = people_and_units()
    regions.sync_roles()
    make = maker(town)
    far, past = TODAY + timedelta(days=90), TODAY - timedelta(days=5)
    town.done = make("closed_out", title="按期的", deadline=far)
    town.late = make("in_progress", title="逾期的", deadline=past)
    back = make("reported", title="退回的", deadline=far)
    town.back = duties.return_(town.clerk, back, "佐证不足")
    again = make("closed_out", title="重开的", deadline=far)
    town.again = duties.reopen(town.clerk, again, "现场复查未达标")
    duties.instruct(town.chief, WorkItem.objects.get(pk=town.late.pk), "限期办结")
    make("issued", title="别家的", lead=town.at_forest, units=[])
    return town


def counts(dossier):
    return {section.code: section.count for section in dossier.sections}


def of(town, kind="dept"):
    return building.subject_for(town.chief, f"{kind}:{town.at_water.pk}")


def test_the_sections_count_what_the_unit_did(unit):
    found = counts(building.build(of(unit), *YEAR))
    assert found == {
        "assigned": 4, "on_time": 1, "late": 1, "returned": 1, "reopened": 1, "found": 0, "solved": 0, "letters": 0,
        "instructions": 1, "targets": 0,
    }  # fmt: skip


def test_each_line_opens_its_item_and_is_proven_by_its_own_entry(unit, settings):
    dossier = building.build(of(unit), *YEAR)
    client = Client()
    User.objects.update(must_change_password=False, password_changed_at=timezone.now())
    client.force_login(User.objects.get(pk=unit.chief.pk), backend=settings.AUTHENTICATION_BACKENDS[-1])
    by_code = {section.code: section for section in dossier.sections}
    assert [line.title.split()[-1] for line in by_code["late"].lines] == ["逾期的"]
    assert [line.title.split()[-1] for line in by_code["on_time"].lines] == ["按期的"]
    for section in dossier.sections:
        for line in section.lines:
            assert client.get(line.url).status_code == 200
            (pk,) = line.entries
            entry = Entry.objects.get(pk=pk)
            assert f"{entry.ref_kind}:{entry.ref_key}" == line.ref and dossier.proofs[pk].digest == entry.digest
    ends = {code: Entry.objects.get(pk=by_code[code].lines[0].entries[0]).action for code in
            ("on_time", "returned", "reopened", "instructions")}  # fmt: skip
    assert ends == {"on_time": "duties.item.close_out", "returned": "duties.item.return",
                    "reopened": "duties.item.reopen", "instructions": "duties.item.instruct"}  # fmt: skip


def test_the_term_cuts(unit):
    before = building.build(of(unit), date(2020, 1, 1), date(2020, 12, 31))
    assert not any(counts(before).values())


def test_a_posts_file_follows_the_post_through_a_handover(unit):
    """The clerk of the bureau acted until the handover, his successor after it: the post's file holds both parts."""
    post = Post.objects.create(code="hydro", name="水利经办")
    User.objects.filter(pk=unit.hydro2.pk).update(post=post)
    PostHandover.objects.create(giver=unit.hydro, taker=unit.hydro2, department=unit.at_water, post=post, on=TODAY,
                                reason="调任", by=unit.clerk)  # fmt: skip
    spans = building.holders(unit.at_water.pk, post.pk)
    assert [actor for actor, _start, _end in spans] == sorted(f"user:{one.pk}" for one in (unit.hydro, unit.hydro2))
    subject = building.subject_for(unit.chief, f"post:{unit.at_water.pk}-{post.pk}")
    assert counts(building.build(subject, *YEAR))["assigned"] == 4
    assert (subject.ref, subject.label) in building.subjects(unit.chief)


def test_only_with_the_right_and_within_reach(unit):
    for person in (unit.hydro, unit.auditor, unit.farmer, unit.root):
        with pytest.raises(Forbidden):
            services.issue(person, f"dept:{unit.at_water.pk}", *YEAR)
    for ref in ("dept:999999", "dept:x", "post:1", "post:1-999999", "chief:77", "", "x:1", "dept:" + "9" * 40):
        with pytest.raises(NoSuchFile):
            building.subject_for(unit.chief, ref)
    with pytest.raises(FileRefused):
        services.issue(unit.chief, f"dept:{unit.at_water.pk}", TODAY, TODAY - timedelta(days=1))
    assert not IssuedFile.objects.exists()


def test_issued_printed_and_checked(unit, capsys):
    row = services.issue(unit.chief, f"dept:{unit.at_water.pk}", *YEAR)
    assert row.number == f"ZR{TODAY.year}-0001"
    text = "\n".join(
        [p.text for p in Document(io.BytesIO(paper.document(row))).paragraphs]
        + [c.text for t in Document(io.BytesIO(paper.document(row))).tables for r in t.rows for c in r.cells]
    )
    proofs = services.proofs_in(row.body)
    assert row.number in text and paper.printed_digest(row) in text and all(one.printed in text for one in proofs)
    assert not any(name in text for name in ("hydro", "clerk", "chief"))  # duties, not persons
    book = load_workbook(io.BytesIO(paper.workbook(row)))
    assert {cells[6] for cells in book["明细"].iter_rows(min_row=2, values_only=True)} >= {p.digest for p in proofs}
    verdict = services.check(row, paper.printed_digest(row))
    assert verdict.holds and len(verdict.checked) == len(proofs) + 1
    assert services.check_printed([one.printed for one in proofs]).holds
    ask = {"number": row.number, "digest": paper.printed_digest(row), "entry": [], "json": True}
    assert commands.run(Namespace(**ask)) == 0 and json.loads(capsys.readouterr().out)["holds"] is True
    assert commands.run(Namespace(**ask | {"number": "ZR1999-0001"})) == 1
    assert commands.run(Namespace(**ask | {"number": ""})) == 2
    assert commands.run(Namespace(**ask | {"number": "", "entry": ["nonsense"]})) == 2


@pytest.mark.parametrize("harm", ["altered", "removed", "link", "body", "rewritten", "digest", "issue"])
def test_whatever_was_changed_afterwards_is_found(unit, harm):
    row = services.issue(unit.chief, f"dept:{unit.at_water.pk}", *YEAR)
    proof = services.proofs_in(row.body)[0]
    entry, printed = Entry.objects.get(pk=proof.entry), ""
    if harm == "altered":
        Entry.objects.filter(pk=entry.pk).update(note="改过的意见")
    if harm == "removed":
        Entry.objects.filter(pk=entry.pk).delete()
    if harm == "link":
        Link.objects.filter(tx=entry.tx).update(total=7)
    if harm == "rewritten":  # content and its digest together: the printed digest differs
        entry.note = "改过的意见"
        from ecocloud.kernel.journal import chain

        Entry.objects.filter(pk=entry.pk).update(note=entry.note, digest=chain.entry_digest(entry.sealed_fields()))
    if harm == "body":
        body = row.body
        body["sections"][0]["count"] = 99
        IssuedFile.objects.filter(pk=row.pk).update(body=body)
    if harm == "digest":
        printed = "0" * 32
    if harm == "issue":
        Entry.objects.filter(action="accountability.file.issue").delete()
    row = IssuedFile.objects.get(pk=row.pk)
    verdict = services.check(row, printed)
    assert not verdict.holds and (verdict.faults or verdict.broken)
    assert all(one.fault for one in verdict.broken)


def test_what_is_printed_of_an_entry_is_read_back():
    one = Proof(1203, "sha256:" + "9f2c41d0a3b87e65" + "0" * 48)
    assert one.printed == "1203@9f2c41d0a3b87e65" and Proof.parse(one.printed).fits(one.digest)
    assert not Proof.parse("1203@9f2c41d0a3b87e66").fits(one.digest)
    for text in ("", "1203", "1203@9f2c", "x@9f2c41d0a3b87e65", "1203@9f2c41d0a3b87e6g"):
        with pytest.raises(NotAProof):
            Proof.parse(text)
