"""The service worker of a form that works without a network: which addresses it keeps is said by the room."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files

from django.http import HttpResponse

# What the worker of a signed-in person's page keeps begins so; the shell's script drops it at sign-out.
OWN = "eco-own-"


def worker(store: str, kept: Sequence[str], later: Sequence[str] = ()) -> HttpResponse:
    """The script, to be served from an address above the page (a worker looks after addresses below its own).

    store: name of the browser's store, beginning with :data:`OWN` where a page of a person is among ``kept``.
    kept: addresses without a query that must be kept; later: larger ones the page can do without.
    """
    text = (files(__package__) / "offline_worker.js").read_text("utf-8").replace("/* STORE */", store)
    for mark, names in (("/* KEPT */", kept), ("/* LATER */", later)):
        text = text.replace(mark, ", ".join(json.dumps(name) for name in names))
    answer = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer
