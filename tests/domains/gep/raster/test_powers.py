"""Logarithm, exponential and powers against those of the C library."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecocloud.domains.gep.raster import powers

POSITIVE = st.floats(1e-300, 1e300)


@given(POSITIVE)
def test_the_logarithm(x):
    assert powers.log(x) == pytest.approx(math.log(x), rel=5e-16, abs=1e-300)


@given(st.floats(-708, 709))
def test_the_exponential(x):
    assert powers.exp(x) == pytest.approx(math.exp(x), rel=5e-16)


@given(st.floats(1e-9, 1e9), st.floats(-5, 6))
def test_the_power(x, y):
    assert powers.power(x, y) == pytest.approx(x**y, rel=2e-14)


def test_the_edges():
    assert powers.log(1.0) == 0 and powers.exp(0.0) == 1 and powers.power(7.0, 0.0) == 1
    assert powers.log(0.0) < -708 and powers.power(0.0, 0.8) < 1e-200
    assert powers.exp(-1e6) == pytest.approx(math.exp(-708)) and powers.exp(1e6) == pytest.approx(math.exp(709))
    assert powers.log(np.float32(0.1)) == pytest.approx(math.log(np.float32(0.1)), rel=1e-15)
