"""Rows of the lists of registers: objects of a register."""

from datetime import timedelta

from django.utils import timezone

from ecocloud.kernel.regions.services import CONSOLE
from tests.web.budget.common import TODAY, office, region, unit


def the_register():
    from ecocloud.kernel.registers import pack
    from ecocloud.kernel.registers.models import RegisterType
    from ecocloud.kernel.registers.services import packs

    if not RegisterType.objects.filter(code="outfall").exists():
        packs.load(CONSOLE, pack.read(pack.folder_of("river-outfalls")))
    return {"code": "outfall"}


def the_figure():
    the_register()
    return {"code": "river-outfalls", "figure": "all"}


def outfalls(n, start):
    from ecocloud.kernel.registers import services as registers
    from ecocloud.kernel.registers.register import open_register

    register = open_register(the_register()["code"])
    for i in range(start, start + n):
        registers.create(
            office(), register, name=f"排口{i}", region=region(), department=unit(), geometry=[115.1, 27.1],
            given={"kind": "village", "river": f"柳林港{i}", "found_on": TODAY, "authority": "t-unit"},
        )  # fmt: skip


def outfalls_due(n, start):
    from ecocloud.kernel.registers.models import RegisterObject

    outfalls(n, start)
    long_ago = timezone.now() - timedelta(days=900)
    RegisterObject.objects.update(created_at=long_ago)


PAGES = (
    ("registers:list", "office", the_register, "", outfalls),
    ("registers:cards", "office", the_register, "", outfalls),
    ("registers:map", "office", the_register, "", outfalls),
    ("registers:compare", "office", the_register, "", outfalls),
    ("registers:statistics", "office", the_register, "by=county&by2=f_kind&sum=flow", outfalls),
    ("registers:figure", "office", the_figure, "", outfalls),
    ("registers:due", "office", {}, "", outfalls_due),
)
