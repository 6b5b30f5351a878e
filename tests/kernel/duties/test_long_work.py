"""Opening a large round and a large rollover are jobs; small ones are done at once."""

from datetime import date

import pytest
from django.urls import reverse

from ecocloud.base.errors import Conflict
from ecocloud.base.jobs import cancel, drain
from ecocloud.base.jobs.models import Job
from ecocloud.kernel.duties.models import Notice, Round, WorkItem
from ecocloud.kernel.duties.services import long_work, rollover, rounds
from ecocloud.kernel.regions.models import User

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 3)


@pytest.fixture(autouse=True)
def registered():
    from ecocloud.kernel.duties import jobs  # noqa: F401


@pytest.fixture
def as_clerk(client, town):
    User.objects.update(must_change_password=False)
    client.force_login(User.objects.get(pk=town.clerk.pk))
    return client


def long_jobs():
    return Job.objects.filter(name__in=(long_work.ROUND_JOB, long_work.YEAR_JOB))


def form(**more):
    return {"period": "2026-05", "due": "2026-06-03", "title": "五月调度", "cycle": ""} | more


def test_a_small_round_opens_at_once(make, as_clerk):
    make("in_progress")
    answer = as_clerk.post(reverse("duties:round-new"), form())
    row = Round.objects.get()
    assert answer.url == reverse("duties:round", args=[row.pk]) and row.state == "open" and not long_jobs()


def test_a_large_round_is_opened_by_a_job_with_progress(make, as_clerk, monkeypatch):
    monkeypatch.setattr(long_work, "LONG", 2)
    monkeypatch.setattr(rounds, "_CHUNK", 2)
    for _n in range(3):
        make("in_progress")
    answer = as_clerk.post(reverse("duties:round-new"), form())
    job, row = Job.objects.get(name=long_work.ROUND_JOB), Round.objects.get()
    assert answer.url == reverse("web:job", args=[job.pk]) and row.state == "opening"
    assert as_clerk.get(answer.url).status_code == 200
    page = as_clerk.get(reverse("duties:round", args=[row.pk])).content.decode()
    assert "正在后台生成" in page
    assert not Notice.objects.filter(kind="round").exists()
    drain()
    row.refresh_from_db()
    job.refresh_from_db()
    assert (row.state, row.reports.count(), job.state) == ("open", 3, "done")
    assert job.result["url"] == reverse("duties:round", args=[row.pk]) and job.done == job.total == 3
    assert Notice.objects.filter(kind="round").count() == 1
    assert "查看结果" in as_clerk.get(answer.url).content.decode()
    with pytest.raises(Conflict, match="exists"):
        rounds.begin_round(WorkItem.objects.first().created_by, period="2026-05", due=DUE, title="五月调度")


def test_a_cancelled_round_is_taken_up_again_by_the_same_wish(make, town, monkeypatch):
    monkeypatch.setattr(long_work, "LONG", 2)
    for _n in range(3):
        make("in_progress")
    row, job = long_work.open_round(town.clerk, period="2026-05", due=DUE)
    assert cancel(job.pk)
    again, second = long_work.open_round(town.clerk, period="2026-05", due=DUE)
    assert again == row and second.pk != job.pk
    drain()
    row.refresh_from_db()
    assert row.state == "open" and row.reports.count() == 3


def test_the_edge_is_more_than_the_limit(make, town, monkeypatch):
    monkeypatch.setattr(long_work, "LONG", 3)
    for _n in range(3):
        make("in_progress")
    assert long_work.open_round(town.clerk, period="2026-05", due=DUE)[1] is None
    make("in_progress")
    assert long_work.open_round(town.clerk, period="2026-06", due=DUE)[1] is not None


@pytest.fixture
def old_year(make, town):
    """Four items of 2025: two under way, one recurring and closed, one closed for good; and one to be terminated."""
    return [
        make("in_progress", year=2025), make("issued", year=2025), make("closed_out", year=2025, cycle="monthly"),
        make("closed_out", year=2025), make("issued", year=2025),
    ]  # fmt: skip


def test_a_large_rollover_is_a_job_and_may_be_repeated(old_year, town, as_clerk, monkeypatch, exact):
    monkeypatch.setattr(long_work, "LONG", 3)
    monkeypatch.setattr(rollover, "_CHUNK", 2)
    assert rollover.proposed(town.clerk, 2025) == {"carry": 3, "close": 0, "renew": 1, "leave": 0}
    stop = old_year[4]
    answer = as_clerk.post(reverse("duties:year"), {"year": "2025", f"act-{stop.pk}": "close", "opinion": "年末"})
    job = Job.objects.get(name=long_work.YEAR_JOB)
    assert answer.url == reverse("web:job", args=[job.pk]) and WorkItem.objects.filter(year=2026).count() == 0
    drain()
    job.refresh_from_db()
    assert job.result["done"] == {"carry": 2, "renew": 1, "close": 1} and not job.result["refused"]
    assert (job.done, job.total) == (4, 4)
    assert WorkItem.objects.get(pk=stop.pk).state == "terminated"
    assert WorkItem.objects.filter(year=2026).count() == 3
    assert rollover.roll_over(town.clerk, 2025, {stop.pk: "close"}).done == {}


def test_a_small_rollover_is_done_at_once(old_year, as_clerk):
    answer = as_clerk.post(reverse("duties:year"), {"year": "2025"})
    assert answer.url == f"{reverse('duties:year')}?year=2025" and not long_jobs()
    assert WorkItem.objects.filter(year=2026).count() == 4


def test_the_year_page_shows_exact_counts_and_the_first_rows(old_year, as_clerk, monkeypatch):
    from ecocloud.kernel.duties import views_year

    monkeypatch.setattr(views_year, "SHOWN_PLANS", 2)
    page = as_clerk.get(f"{reverse('duties:year')}?year=2025").content.decode()
    assert page.count('name="act-') == 2 and "另有 2 项" in page and "办理结转（4 项）" in page
