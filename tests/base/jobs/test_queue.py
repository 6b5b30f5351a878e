"""The queue's promises, with the worker run in the test's own thread."""

import threading
from datetime import timedelta

import pytest
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from ecocloud.base.errors import Conflict, EcoError
from ecocloud.base.jobs import cancel, drain, enqueue, job, job_status, registry, run_worker, services
from ecocloud.base.jobs.context import JobContext, LeaseLost
from ecocloud.base.jobs.models import Job, ScheduleState
from ecocloud.base.jobs.registry import Periodic, UnknownJob
from ecocloud.base.jobs.schedule import Schedule

pytestmark = pytest.mark.django_db

LEASE = timedelta(seconds=60)


@pytest.fixture(autouse=True)
def own_registry(monkeypatch):
    monkeypatch.setattr(registry, "_types", {})
    monkeypatch.setattr(registry, "_periodic", {})
    monkeypatch.setattr(registry, "_offered", {})


def expire(job_id):
    Job.objects.filter(pk=job_id).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_job_runs_and_keeps_its_result():
    @job("t.sum", label_zh="求和")
    def run(context):
        context.progress(2, 2, "完毕")
        return {"sum": sum(context.payload["numbers"])}

    created = enqueue("t.sum", {"numbers": [1, 2]}, created_by="user:7")
    assert drain() == 1
    status = job_status(created.pk)
    assert (status.state, status.result, status.label) == ("done", {"sum": 3}, "求和")
    assert (status.percent, status.text, status.finished, status.created_by) == (100, "完毕", True, "user:7")
    assert job_status(created.pk + 1000) is None


def test_the_wish_disappears_with_the_transaction():
    job("t.a")(lambda context: None)
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue("t.a")
        raise RuntimeError
    assert not Job.objects.exists()


def test_unknown_jobs_are_refused_when_enqueued():
    with pytest.raises(UnknownJob):
        enqueue("t.nothing")


def test_a_module_of_jobs_is_imported_when_a_job_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("offered_a", "offered_b"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").write_text(
            f"from ecocloud.base.jobs import job\njob('{name}.run')(lambda context: None)\n", "utf-8"
        )
        registry.offer(name)
    enqueue("offered_b.run")  # of the room in the job's name first, of others not at all
    assert list(registry._types) == ["offered_b.run"]
    with pytest.raises(UnknownJob):
        enqueue("offered_a.other")
    assert registry.job_names() == ("offered_b.run", "offered_a.run") and registry._offered == {}


def test_long_jobs_are_left_to_a_worker_of_their_own():
    ran = []
    job("t.long", long=True)(lambda context: ran.append("long"))
    job("t.quick")(lambda context: ran.append("quick"))
    assert (registry.job_names(long=True), registry.job_names(long=False)) == (("t.long",), ("t.quick",))
    enqueue("t.long")
    enqueue("t.quick")
    assert drain(registry.job_names(long=False)) == 1 and ran == ["quick"]
    assert drain(registry.job_names(long=True)) == 1 and ran == ["quick", "long"]


def test_two_functions_cannot_share_a_name():
    job("t.a")(test_unknown_jobs_are_refused_when_enqueued)
    with pytest.raises(ValueError):
        job("t.a")(test_the_wish_disappears_with_the_transaction)


def test_one_key_is_queued_once_and_never_runs_twice_at_a_time():
    job("t.a")(lambda context: None)
    first = enqueue("t.a", key="k")
    assert enqueue("t.a", key="k").pk == first.pk
    assert enqueue("t.a", key="other").pk != first.pk
    assert services.claim("w1", LEASE, ["t.a"]).pk == first.pk
    second = enqueue("t.a", key="k")  # a change after the start is not lost
    assert second.pk != first.pk
    assert services.claim("w2", LEASE, ["t.a"]).key == "other"
    assert services.claim("w2", LEASE, ["t.a"]) is None  # the second waits for the first
    expire(first.pk)
    assert services.claim("w2", LEASE, ["t.a"]).pk == first.pk  # even when the first one's worker died


def test_the_database_refuses_a_second_queued_row_of_a_key():
    from django.db import IntegrityError

    now = timezone.now()
    Job.objects.create(name="t.a", key="k", run_after=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(name="t.a", key="k", run_after=now)
    Job.objects.create(name="t.a", key=None, run_after=now)
    Job.objects.create(name="t.a", key=None, run_after=now)


def test_not_before_its_time():
    job("t.a")(lambda context: None)
    enqueue("t.a", run_after=timezone.now() + timedelta(hours=1))
    assert drain() == 0


def test_failures_are_retried_with_pauses_and_then_end():
    calls = []

    @job("t.bad", max_attempts=3)
    def run(context):
        calls.append(context.attempt)
        raise RuntimeError("broken")

    created = enqueue("t.bad")
    for attempt, pause in ((1, 10), (2, 20)):
        before = timezone.now()
        assert drain() == 1
        row = Job.objects.get(pk=created.pk)
        assert (row.state, row.attempts) == ("queued", attempt)
        assert timedelta(seconds=pause - 1) < row.run_after - before < timedelta(seconds=pause + 5)
        Job.objects.update(run_after=timezone.now())
    assert drain() == 1
    status = job_status(created.pk)
    assert status.state == "failed" and "broken" in status.error and calls == [1, 2, 3]


@pytest.mark.parametrize(
    ("error", "state"), [(EcoError("期限格式不对。"), "failed"), (Conflict("系统正忙。"), "queued")]
)
def test_wrong_input_is_not_tried_again_but_a_busy_system_is(error, state):
    @job("t.input")
    def run(context):
        raise error

    created = enqueue("t.input")
    drain()
    row = Job.objects.get(pk=created.pk)
    assert row.state == state and row.error == error.message_zh


def test_a_retry_gives_way_to_a_newer_job_of_its_key():
    @job("t.k")
    def run(context):
        if not Job.objects.filter(state="queued").exists():
            enqueue("t.k", key="k")
            raise RuntimeError

    first = enqueue("t.k", key="k")
    run_once = services.claim("w", LEASE, ["t.k"])
    from ecocloud.base.jobs import worker

    worker._run(run_once, threading.Event(), 60, heartbeat=False)
    assert job_status(first.pk).state == "cancelled"
    assert Job.objects.filter(state="queued").count() == 1


def test_queued_jobs_are_cancelled_at_once_running_ones_when_they_look():
    steps = []

    @job("t.long")
    def run(context):
        for step in range(3):
            context.check()
            steps.append(step)
            cancel(context.job_id)
            context._look_at = float("-inf")  # a second has passed

    waiting = enqueue("t.long")
    assert cancel(waiting.pk) is True
    assert job_status(waiting.pk).state == "cancelled"
    assert cancel(waiting.pk) is False
    running = enqueue("t.long")
    drain()
    assert job_status(running.pk).state == "cancelled" and steps == [0]


def test_an_orderly_end_hands_the_job_on_without_costing_an_attempt():
    stop = threading.Event()
    seen = []

    @job("t.steps", max_attempts=1)
    def run(context):
        seen.append(context.checkpoint)
        if context.checkpoint is None:
            context.save({"step": 1})
            stop.set()
        context.check()
        return "end"

    created = enqueue("t.steps")
    from ecocloud.base.jobs import worker

    worker._run(services.claim("w1", LEASE, ["t.steps"]), stop, 60, heartbeat=False)
    assert Job.objects.get(pk=created.pk).attempts == 0
    assert drain() == 1
    assert job_status(created.pk).state == "done" and seen == [None, {"step": 1}]


def test_a_worker_that_lost_its_lease_cannot_write():
    job("t.a")(lambda context: None)
    created = enqueue("t.a")
    slow = JobContext(services.claim("slow", LEASE, ["t.a"]))
    expire(created.pk)
    fast = JobContext(services.claim("fast", LEASE, ["t.a"]))
    for write in (lambda: slow.save({"x": 1}), lambda: slow.finish("slow"), lambda: slow.progress(1), slow.check):
        with pytest.raises(LeaseLost), transaction.atomic():
            write()
    assert slow.renew(timezone.now()) is False
    fast.finish("fast")
    assert job_status(created.pk).result == "fast"


def test_a_job_whose_workers_keep_dying_ends_as_failed():
    job("t.deadly", max_attempts=2)(lambda context: None)
    created = enqueue("t.deadly")
    for _ in range(2):
        assert services.claim("w", LEASE, ["t.deadly"])
        expire(created.pk)
    drain()
    assert job_status(created.pk).state == "failed"


def test_absorbed_jobs_end_with_their_carrier_or_return():
    @job("t.batch")
    def run(context):
        found = context.absorb(limit=2)
        if context.payload["n"] == 0 and context.attempt == 1:
            raise RuntimeError
        return [context.payload, *found]

    for number in range(4):
        enqueue("t.batch", {"n": number})
    carrier = services.claim("w", LEASE, ["t.batch"])
    from ecocloud.base.jobs import worker

    worker._run(carrier, threading.Event(), 60, heartbeat=False)
    assert set(Job.objects.values_list("state", flat=True)) == {"queued"}
    Job.objects.update(run_after=timezone.now())
    drain()
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}
    results = [row.result for row in Job.objects.exclude(result=None).order_by("pk")]
    assert sorted(item["n"] for result in results for item in result) == [0, 1, 2, 3]
    assert len(results) == 2


def test_progress_is_written_at_most_once_a_second(django_assert_num_queries):
    job("t.a")(lambda context: None)
    enqueue("t.a")
    context = JobContext(services.claim("w", LEASE, ["t.a"]))
    with django_assert_num_queries(1):
        for step in range(1000):
            context.progress(step, 1000)
    context.finish()
    assert job_status(context.job_id).done == 999


def test_a_schedule_is_enqueued_once_per_slot(monkeypatch):
    job("t.clock")(lambda context: None)
    entry = Periodic("t.clock", Schedule(every=timedelta(minutes=10)))
    monkeypatch.setattr(registry, "_periodic", {"t.clock": entry})
    start = timezone.now()
    assert services.enqueue_due_schedules(start) == 0  # begins with its next slot
    later = start + timedelta(hours=1)
    assert services.enqueue_due_schedules(later) == 1  # six slots missed, run once
    assert services.enqueue_due_schedules(later) == 0
    assert Job.objects.filter(name="t.clock").count() == 1
    assert ScheduleState.objects.get().last_slot == entry.schedule.last_slot(later)


def test_progress_fragment_polls_until_finished():
    job("t.a", label_zh="导入台账")(lambda context: None)
    created = enqueue("t.a")
    Job.objects.filter(pk=created.pk).update(done=5, total=20, text="<b>")
    context = {"status": job_status(created.pk), "poll_url": "/jobs/1/", "cancel_url": "/jobs/1/cancel/"}
    html = render_to_string("jobs/progress.html", context)
    assert 'hx-get="/jobs/1/"' in html and 'hx-trigger="every 1s"' in html
    assert 'value="25"' in html and "&lt;b&gt;" in html and "导入台账" in html and "style=" not in html
    drain()
    html = render_to_string("jobs/progress.html", context | {"status": job_status(created.pk)})
    assert "hx-get" not in html and "<form" not in html


@pytest.mark.django_db(transaction=True)
def test_the_worker_renews_its_lease_while_a_job_is_busy():
    import time

    leases = []

    @job("t.busy")
    def run(context):
        for _ in range(2):
            leases.append(Job.objects.get(pk=context.job_id).lease_until)
            time.sleep(0.5)
        leases.append(Job.objects.get(pk=context.job_id).lease_until)

    enqueue("t.busy")
    assert run_worker(once=True, lease=0.6) == 1
    assert leases[0] < leases[-1]
    assert Job.objects.get().state == "done"
