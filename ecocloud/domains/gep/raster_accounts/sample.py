"""A raster account of the sample site: a county that does not exist, computed by the worker once the site is served."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from ecocloud.domains.gep.models import Accounting
from ecocloud.domains.gep.raster_accounts import engine
from ecocloud.domains.gep.services import rasters
from ecocloud.kernel.regions.models import User

MADE_UP = "合成数据"


def load(by: User, accounting: Accounting, say: Any) -> None:
    """Take the layers of the synthetic county for the last year of ``accounting``, whose parts are its zones, and
    queue the account; everything is named as made up. Without the extra ``raster`` it is left out, and that is said.
    """
    if engine.missing():
        say(f"未装栅格核算组件（{'、'.join(engine.missing())}），样例不含栅格核算")
        return
    from ecocloud.domains.gep.raster import synthetic
    from ecocloud.domains.gep.raster_accounts.roles import roles

    told, parts = synthetic.facts(), [one.code for one in accounting.parts.order_by("code")]
    words = {code: f"{MADE_UP}-{role.zh}" for code, role in roles().items()}
    layers: dict[str, rasters.Given] = dict(told["numbers"])
    with tempfile.TemporaryDirectory() as folder:
        for role, path in synthetic.write(Path(folder), parts, words).items():
            with path.open("rb") as stream:
                layers[role] = rasters.add_file(by, accounting, path.name, stream)
    name = f"{MADE_UP}：虚构县{accounting.last_year}年栅格核算（非实测）"
    made = rasters.open_raster(by, accounting, accounting.last_year, name, layers, zone_field=synthetic.FIELD,
                               services=told["services"], parameters=told["parameters"])  # fmt: skip
    rasters.start(by, made)
