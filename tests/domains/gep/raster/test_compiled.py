"""Where compiled kernels are kept."""

import os
import subprocess
import sys

from ecocloud.domains.gep.raster import compiled

TELL = """
import time
from ecocloud.domains.gep.raster import compiled
import numba, numpy as np
print(compiled.first_time())
from ecocloud.domains.gep.raster import services
ones = np.ones(4, np.uint8)
services.added(ones, np.zeros(4, np.int32), np.zeros(4, np.int32), np.ones((1, 4)), 1, np.zeros((1, 2)))
print(compiled.first_time())
"""


def test_kernels_are_kept_in_the_site_s_home_and_compiled_once(tmp_path):
    known = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    env = {**known, "ECOCLOUD_HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    told = [subprocess.run([sys.executable, "-c", TELL], env=env, capture_output=True, text=True).stdout.split()
            for _ in range(2)]  # fmt: skip
    assert told == [["True", "False"], ["False", "False"]]
    assert list((tmp_path / "cache" / "kernels").rglob("services.added-*.nbi"))


def test_what_the_environment_says_goes_first_and_nothing_writable_means_a_temporary_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert compiled.place() == tmp_path
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.delenv("ECOCLOUD_HOME", raising=False)
    assert compiled.place() is None
    monkeypatch.setattr(compiled.os, "access", lambda *_: False)
    assert compiled.place().name == f"ecocloud-kernels-{os.getuid()}"
