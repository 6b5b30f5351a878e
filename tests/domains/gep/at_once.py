"""Two people at once, on PostgreSQL (see test_postgres.py)."""

import threading
import time

import pytest
from django.db import connection

from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.models import RunAccount
from ecocloud.domains.gep.services import reviewing, runs


@pytest.mark.django_db(transaction=True)
def test_of_two_runs_confirmed_at_once_the_second_needs_a_reason(place, accounting, approved, monkeypatch):
    approved()
    made = [runs.make_run(place.office, accounting) for _ in range(2)]
    find, begin, told = reviewing.superseded_by, threading.Barrier(2), []

    def slowly(run):
        found = find(run)
        time.sleep(0.5)  # both have looked before either writes, unless one waits for the other
        return found

    monkeypatch.setattr(reviewing, "superseded_by", slowly)

    def confirm(run):
        begin.wait()
        try:
            reviewing.confirm(place.second, run)
            told.append("confirmed")
        except GepError as refused:
            told.append(refused.message_en)
        finally:
            connection.close()

    people = [threading.Thread(target=confirm, args=(run,)) for run in made]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert sorted(told) == ["6 confirmed results stand", "confirmed"]
    assert len(set(RunAccount.objects.filter(standing=True).values_list("run", flat=True))) == 1
