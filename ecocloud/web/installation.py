"""Putting an installation in place: tables, roles, the sample site."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from tqdm import tqdm

from ecocloud.base.errors import EcoError
from ecocloud.base.rooms import all_rooms, load
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.web.models import Site
from ecocloud.web.tables import create_or_update


def migrate() -> None:
    """Create or update the tables of every database and the roles that the rooms declare."""
    for alias in settings.DATABASES:
        create_or_update(alias)
    from ecocloud.kernel.regions.services import sync_roles

    sync_roles()


class NotSetUp(EcoError):
    """Nobody has said yet which division this installation serves."""

    code = "web.not-set-up"


def set_up(region: str = "", name: str = "") -> Site:
    """Bring tables, divisions and the indicator catalogue up to date; say which division is served and by which name.

    ``region`` is a GB/T 2260 code. What is left empty stays as it is. Harmless to repeat. Raises :class:`NotSetUp`
    without a region the first time, and the regions room's error for an unknown code (nothing is changed then).
    """
    from ecocloud.kernel.evidence.services import load_catalogue
    from ecocloud.kernel.regions.models import Region
    from ecocloud.kernel.regions.queries import region_by_code
    from ecocloud.kernel.regions.services import CONSOLE, load_regions

    migrate()
    if not Region.objects.exists():
        load_regions()
    site = Site.objects.filter(pk=1).first() or Site(name="生态云")
    if not region and site.region_id is None:
        raise NotSetUp("还没有确定服务的区划。", "no region yet", remedy_zh="请加上 --region 区划代码，如 360800。")
    before = {"name": site.name, "region": site.region_id}
    site.region = region_by_code(region) if region else site.region
    site.name = name or site.name
    after = {"name": site.name, "region": site.region_id}
    load_catalogue()
    if site._state.adding or before != after:
        with change(CONSOLE.actor()) as tx:
            site.save()
            tx.log("web.site.set-up", Ref("region", site.region_id), before=before, after=after)
    return site


@dataclass
class SampleContext:
    """Handed to each room's ``sample.load``.

    ``today`` is the real date; ``accounts`` collects sign-ins (role, label, username, name, password), shown once and
    stored nowhere; ``shared`` passes records to the rooms above, by names such as ``shared["departments"]``.
    """

    today: date
    accounts: list[Any] = field(default_factory=list)
    shared: dict[str, Any] = field(default_factory=dict)
    say: Callable[[str], None] = lambda text: None


def sample_loaded() -> bool:
    """Whether the sample site was loaded completely."""
    return Site.objects.filter(pk=1, is_sample=True, region__isnull=False).exists()


class NotEmpty(EcoError):
    """The sample site goes into an empty installation only."""

    code = "web.not-empty"
    http_status = 409


def load_sample(progress: bool = False) -> list[Any]:
    """Load every room's part of the sample site, lower floors first.

    The site's row marks the database as a sample before the first account is made and gets its region at the end. Only
    a database so marked (an interrupted load) is emptied to start again. Raises :class:`NotEmpty` for any other that
    was set up or holds accounts: nothing in it is touched.
    """
    site = Site.objects.filter(pk=1).first()
    if (site is not None and not site.is_sample) or (site is None and _has_accounts()):
        raise NotEmpty(
            "此安装已在使用，样例站点只能装入空的安装，没有改动任何数据。",
            "installation is in use; the sample goes into an empty one",
            remedy_zh="请用 ECOCLOUD_HOME 另指一个空文件夹（并取消 DATABASE_URL）。",
        )
    if site is not None:
        call_command("flush", verbosity=0, interactive=False)
        migrate()
    Site.objects.create(name="生态云", is_sample=True)
    rooms = [room for room in all_rooms() if room.sample]
    with tqdm(rooms, disable=not progress, unit="room", file=sys.stderr) as bar:
        context = SampleContext(today=timezone.localdate(), say=bar.set_postfix_str)
        for room in bar:
            bar.set_description(room.label_zh)
            load(room.sample)(context)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    # Written last: its absence tells an interrupted load.
    Site.objects.filter(pk=1).update(region=context.shared["region"])
    return context.accounts


def _has_accounts() -> bool:
    from django.contrib.auth import get_user_model

    return get_user_model().objects.exists()
