"""The processes of ``test_whole_way``: one that has Django loaded and forks the others, which are killed.

``python -m tests.intake.monitoring.whole_way_work`` (with ECOCLOUD_HOME) reads lines: ``start NAME`` prints the number
of a new process, ``kill PID`` and ``stop PID`` (SIGKILL, SIGTERM) print how it ended.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path

FACTORS = ("w01018", "w21003", "w21011")


def look(store, before):
    """One reader: nothing half, nothing twice, nothing that was there is gone. before: what it saw last (keys, number
    of the manifest); returns what it sees now.
    """
    import pyarrow.compute as pc

    from ecocloud.intake.monitoring.lake.reading import Snapshot, Wanted

    snapshot, now = Snapshot(store, seconds=None), datetime.now(UTC)
    manifest = snapshot.manifest
    assert manifest.rows + manifest.dropped == sum(taken.rows for taken in manifest.taken.values())
    wanted = Wanted("rtd", now - timedelta(days=30), now)
    rows = snapshot.current(wanted, ("mn", "time", "factor", "gateway", "sequence", "rtd")).unify_dictionaries()
    for key, count in ((["mn", "time", "factor"], 1), (["mn", "time", "gateway", "sequence", "rtd"], len(FACTORS))):
        found = rows.group_by(key).aggregate([([], "count_all")])["count_all"]
        assert not rows.num_rows or pc.all(pc.equal(found, count)).as_py(), (key, found.value_counts())
    assert rows.num_rows >= before[0] and manifest.number >= before[1], (rows.num_rows, manifest.number, before)
    return rows.num_rows, manifest.number


def reading(home: Path) -> None:
    """Look on until told to stop; ends at once when something is wrong."""
    from ecocloud.intake.monitoring.lake.manifest import Store

    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopped.append(number))
    store, seen, looks = Store(home / "lake"), (0, 0), 0
    while not stopped:
        seen, looks = look(store, seen), looks + 1
        time.sleep(0.02)  # the others need the machine, too
    assert seen[0] and looks > 2


def compacting(home: Path) -> None:
    """Compact all the time, hourly or whole, and clean."""
    from ecocloud.intake.monitoring.lake.compact import Compactor
    from ecocloud.intake.monitoring.lake.manifest import Store

    chance, store = random.Random(), Store(home / "lake")
    with store.lock("compact", wait=True):
        while True:
            Compactor(store, chunk_rows=3000).run(datetime.now(UTC), whole=chance.random() < 0.3)
            store.clean()
            time.sleep(0.05)


def taking(home: Path) -> None:
    """``ecocloud lake ingest`` itself, more hurried, and without the compiled kernel, which takes a life to load."""
    del home
    from ecocloud import cli
    from ecocloud.intake.monitoring.hj212 import bulk
    from ecocloud.intake.monitoring.lake import commands

    bulk.kernel, commands.PAUSE = None, 0.05
    assert cli.main(["lake", "ingest"]) == 0


WORK = {"ingest": taking, "compactor": compacting, "reader": reading}


def start(name: str, home: Path) -> int:
    """A process of its own."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        WORK[name](home)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    """Make the two tables that taking in needs, then serve."""
    import django

    django.setup()
    from django.db import connection, connections

    from ecocloud.intake.monitoring.lake import commands  # noqa: F401, loaded once for all
    from ecocloud.intake.monitoring.lake.models import Latest
    from ecocloud.intake.monitoring.stations.models import Device

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys=OFF")
    with connection.schema_editor() as editor:
        editor.create_model(Device)
        editor.create_model(Latest)
    connections.close_all()
    home = Path(os.environ["ECOCLOUD_HOME"])
    print("ready", flush=True)
    for line in sys.stdin:
        word, what = line.split()
        if word == "start":
            print(start(what, home), flush=True)
        else:
            os.kill(int(what), signal.SIGKILL if word == "kill" else signal.SIGTERM)
            print(os.waitstatus_to_exitcode(os.waitpid(int(what), 0)[1]), flush=True)


if __name__ == "__main__":
    main()
