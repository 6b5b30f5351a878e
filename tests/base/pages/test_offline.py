"""The script of a worker: it keeps just the addresses it was given, each of them a string of the script."""

import json
import re

from ecocloud.base.pages import offline


def listed(answer, name):
    return json.loads("[" + re.search(rf"{name} = \[(.*)\];", answer.content.decode())[1] + "]")


def test_the_worker_carries_its_store_and_its_addresses():
    answer = offline.worker(f"{offline.OWN}x-1", ["/a/", '/b"c'], ["/large.mjs"])
    assert listed(answer, "KEPT") == ["/a/", '/b"c'] and listed(answer, "LATER") == ["/large.mjs"]
    assert 'STORE = "eco-own-x-1"' in answer.content.decode() and "/* KEPT" not in answer.content.decode()
    assert answer["Content-Type"].startswith("text/javascript") and answer["Cache-Control"] == "no-cache"


def test_without_larger_ones_the_list_is_empty():
    assert listed(offline.worker("x", ["/a/"]), "LATER") == []
