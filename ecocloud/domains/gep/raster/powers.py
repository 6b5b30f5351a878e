"""Logarithm, exponential and powers that the compiler turns into vector instructions, several cells at a time.

The functions of the C library are called for one number at a time. These reduce the argument and take the polynomials
of FDLIBM 5.3 (Sun Microsystems 1993, freely distributable; coefficients of its ``e_log`` and ``e_exp``), without
branches for numbers that are not finite: exact to the last bit or two, and the same on every machine.
"""

from __future__ import annotations

import numpy as np
from numba import njit

_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_ROOT_HALF = 0x3FE6A09E667F3BCD  # the bits of the root of a half
_LEAST, _MOST = -708.0, 709.0  # beyond, the exponential is not a normal number


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def log(x):
    """Natural logarithm of a normal positive number; for 0 a number below -708."""
    bits = np.float64(x).view(np.int64)
    power = (bits - _ROOT_HALF) >> 52
    f = np.int64(bits - (power << 52)).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    rest = 1.531383769920937332e-01 + z * 1.479819860511658591e-01
    rest = 2.222219843214978396e-01 + z * (1.818357216161805012e-01 + z * rest)
    rest = 3.999999999940941908e-01 + z * (2.857142874366239149e-01 + z * rest)
    rest = z * (6.666666666666735130e-01 + z * rest)
    half = 0.5 * f * f
    return float(power) * _LN2_HIGH - ((half - (s * (half + rest) + float(power) * _LN2_LOW)) - f)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def exp(x):
    """Exponential; beyond -708 and 709 that of these."""
    x = min(max(x, _LEAST), _MOST)
    power = np.floor(x * 1.44269504088896338700 + 0.5)
    high, low = x - power * _LN2_HIGH, power * _LN2_LOW
    r = high - low
    t = r * r
    rest = 6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08)
    rest = 1.66666666666666019037e-01 + t * (-2.77777777770155933842e-03 + t * rest)
    c = r - t * rest
    y = 1.0 - ((low - (r * c) / (2.0 - c)) - high)
    return y * np.int64((np.int64(power) + 1023) << 52).view(np.float64)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def power(x, y):
    """``x`` to the ``y`` for ``x`` not below 0; of 0 a number that is as good as 0 (``y`` > 0)."""
    return exp(y * log(x))
