"""What can go wrong with the lake, as types."""

from ecocloud.base.errors import Conflict, EcoError


class LakeError(EcoError):
    """The lake cannot be read or written as wanted; says file and remedy."""

    code = "lake.error"


class Damaged(LakeError):
    """A file of the lake is not what the manifest says."""

    code = "lake.damaged"
    http_status = 500


class Held(Conflict):
    """Another process does this work already."""

    code = "lake.held"


class TooSlow(LakeError):
    """A question took longer than it may."""

    code = "lake.too_slow"
    http_status = 503
