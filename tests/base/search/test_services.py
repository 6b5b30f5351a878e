"""Indexing through jobs in the business transaction."""

import pytest
from django.db import transaction

from ecocloud.base import search
from ecocloud.base.jobs import drain
from ecocloud.base.jobs.models import Job
from ecocloud.base.search import SearchDoc, services, sources

pytestmark = pytest.mark.django_db


@pytest.fixture
def records(tmp_path, settings, monkeypatch):
    settings.HOME = tmp_path
    monkeypatch.setattr(sources, "_sources", {})
    rows = {"note:1": "推进河长制", "note:2": "林长制"}

    def one(ref):
        return SearchDoc(ref, "note", rows[ref], scopes=["d1"]) if ref in rows else None

    search.register_source("note", lambda: map(one, rows), one, label_zh="便笺", permission="note.view")
    return rows


def test_records_are_found_after_the_job_and_gone_after_the_next(records):
    search.index_later("note:1", "note:2", "unknown:1", created_by="user:1")
    assert search.query("长制").total == 0
    drain()
    assert search.query("长制").total == 2
    del records["note:2"]
    search.index_later("note:2")
    drain()
    assert [hit.ref for hit in search.query("长制", kinds=["note"], scopes=["d1"]).hits] == ["note:1"]
    assert not Job.objects.exclude(state="done").exists()


def test_waiting_updates_are_written_in_one_commit(records, monkeypatch):
    calls = []
    real = services.site_index().upsert
    monkeypatch.setattr(services.site_index(), "upsert", lambda docs, gone: calls.append(1) or real(docs, gone))
    for _ in range(5):
        search.index_later("note:1")
    drain()
    assert calls == [1] and Job.objects.filter(state="done").count() == 5


def test_a_change_that_is_rolled_back_is_not_indexed(records):
    with pytest.raises(RuntimeError), transaction.atomic():
        search.index_later("note:1")
        raise RuntimeError
    assert drain() == 0


def test_a_passage_list_replaces_the_record(records, monkeypatch):
    pieces = [SearchDoc("note:1#0-2", "note", "甲段"), SearchDoc("note:1#2-4", "note", "乙段")]
    search.register_source("note", lambda: pieces, lambda ref: pieces)
    search.index_later("note:1")
    drain()
    del pieces[1]
    search.index_later("note:1")
    drain()
    assert [hit.ref for hit in search.query("段").hits] == ["note:1#0-2"]


def test_damage_is_repaired_by_a_job(records):
    search.rebuild()
    next((services.site_index().path).glob("g-*/meta.json")).write_text("{")
    assert search.check()
    services._index_at.cache_clear()
    with pytest.raises(search.SearchDamaged):
        search.query("长制")
    assert Job.objects.get().name == "search.rebuild"
    drain()
    assert search.check() == [] and search.query("长制").total == 2


def test_kinds_by_permission(records):
    search.register_source("open", list, lambda ref: None, label_zh="公开")
    assert search.kinds_for(lambda permission: False) == {"open": "公开"}
    assert list(search.kinds_for(lambda permission: permission == "note.view")) == ["note", "open"]


def test_rebuild_command_counts(records, capsys):
    import argparse

    from ecocloud.base.search import commands

    parser = argparse.ArgumentParser()
    commands.add_arguments(parser)
    assert commands.run(parser.parse_args(["--json"])) == 0
    assert capsys.readouterr().out.strip() == '{"documents": 2}'
