"""API of the room: the reporting system and results."""

from ninja import Router

from ecocloud.domains.gep.reporting.api import router as reporting
from ecocloud.domains.gep.results.api import router as results

router = Router(tags=["gep"])
router.add_router("", reporting)
router.add_router("", results)
