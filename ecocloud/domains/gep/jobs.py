"""The background jobs of the room, registered by importing them."""

from ecocloud.domains.gep.raster_accounts import jobs as raster_accounts
from ecocloud.domains.gep.reporting import jobs as reporting

__all__ = ["raster_accounts", "reporting"]
