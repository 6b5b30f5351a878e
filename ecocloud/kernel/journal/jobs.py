"""The journal's periodic job: an anchor each minute."""

from datetime import timedelta

from ecocloud.base.jobs import periodic
from ecocloud.kernel.journal import anchors


@periodic("journal.anchor", every=timedelta(minutes=1))
def write_anchor(context) -> None:
    """Append the present head to the anchor file when it moved since the last anchor."""
    known, _ = anchors.read_anchors()
    anchors.write_anchor_if_moved(known[-1].number if known else 0)
