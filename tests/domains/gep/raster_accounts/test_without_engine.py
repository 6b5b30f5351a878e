"""The room opens its pages, jobs and services where the libraries of the engine are not installed."""

import subprocess
import sys

WITHOUT = """
import sys
from importlib.machinery import PathFinder

found = PathFinder.find_spec

def absent(name, path=None, target=None):
    return None if name.partition(".")[0] in ("numba", "rasterio", "pyogrio") else found(name, path, target)

PathFinder.find_spec = absent
import django
django.setup()
from importlib import import_module
from django.urls import get_resolver
from ecocloud.base.rooms import all_rooms, load
rooms = {room.name: room for room in all_rooms()}
import_module(rooms["gep"].jobs)
import_module("ecocloud.domains.gep.services.raster_data")
load(rooms["gep"].on_start)()
len(get_resolver().reverse_dict)
from ecocloud.base.jobs import job_names
assert "gep.raster.run" in job_names() and "rasterio" not in sys.modules
from ecocloud.domains.gep.raster_accounts import engine
try:
    engine.require()
except engine.NoEngine as told:
    print(told.sentence_zh())
"""


def test_everything_is_imported_without_it(tmp_path):
    environment = {"DJANGO_SETTINGS_MODULE": "ecocloud.web.settings", "ECOCLOUD_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", WITHOUT], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    assert 'pip install "ecocloud[raster]"' in done.stdout
