"""Latitude and longitude to the British National Grid, in plain arithmetic.

Formulas and constants: Ordnance Survey, "A guide to coordinate systems in Great Britain" (2020 edition, annexes A to C). The seven-parameter
Helmert transformation that it gives is good to about 5 metres over Great Britain: enough for a mark on a map, not for surveying.
"""

from __future__ import annotations

import math
from typing import Final

__all__ = ["project"]

_WGS84: Final = (6378137.0, 6356752.314245)
_AIRY: Final = (6377563.396, 6356256.909)
_F0, _LAT0, _LON0, _E0, _N0 = 0.9996012717, math.radians(49.0), math.radians(-2.0), 400_000.0, -100_000.0
_SHIFT: Final = (-446.448, 125.157, -542.060)
_SCALE: Final = 20.4894e-6
_TURN: Final = tuple(math.radians(seconds / 3600) for seconds in (-0.1502, -0.2470, -0.8421))


def _to_airy(lat: float, lon: float) -> tuple[float, float]:
    """WGS84 radians (height 0) to radians on the Airy ellipsoid, by Helmert."""
    a, b = _WGS84
    e2 = 1 - (b / a) ** 2
    nu = a / math.sqrt(1 - e2 * math.sin(lat) ** 2)
    x, y, z = nu * math.cos(lat) * math.cos(lon), nu * math.cos(lat) * math.sin(lon), (1 - e2) * nu * math.sin(lat)
    rx, ry, rz = _TURN
    x2 = _SHIFT[0] + (1 + _SCALE) * x - rz * y + ry * z
    y2 = _SHIFT[1] + rz * x + (1 + _SCALE) * y - rx * z
    z2 = _SHIFT[2] - ry * x + rx * y + (1 + _SCALE) * z
    a, b = _AIRY
    e2 = 1 - (b / a) ** 2
    p = math.hypot(x2, y2)
    phi = math.atan2(z2, p * (1 - e2))
    for _ in range(10):
        nu = a / math.sqrt(1 - e2 * math.sin(phi) ** 2)
        phi = math.atan2(z2 + e2 * nu * math.sin(phi), p)
    return phi, math.atan2(y2, x2)


def _meridian(phi: float, b: float, n: float) -> float:
    minus, plus = phi - _LAT0, phi + _LAT0
    return (
        b
        * _F0
        * (
            (1 + n + 1.25 * n**2 + 1.25 * n**3) * minus
            - (3 * n + 3 * n**2 + 2.625 * n**3) * math.sin(minus) * math.cos(plus)
            + (1.875 * n**2 + 1.875 * n**3) * math.sin(2 * minus) * math.cos(2 * plus)
            - 35 / 24 * n**3 * math.sin(3 * minus) * math.cos(3 * plus)
        )
    )


def _transverse_mercator(phi: float, lam: float, ellipsoid: tuple[float, float]) -> tuple[float, float]:
    """Radians on an ellipsoid to eastings and northings on the National Grid's projection."""
    a, b = ellipsoid
    e2, n = 1 - (b / a) ** 2, (a - b) / (a + b)
    s, c, t2 = math.sin(phi), math.cos(phi), math.tan(phi) ** 2
    nu = a * _F0 / math.sqrt(1 - e2 * s**2)
    rho = a * _F0 * (1 - e2) / (1 - e2 * s**2) ** 1.5
    eta2 = nu / rho - 1
    d = lam - _LON0
    northing = (
        _meridian(phi, b, n)
        + _N0
        + nu / 2 * s * c * d**2
        + nu / 24 * s * c**3 * (5 - t2 + 9 * eta2) * d**4
        + nu / 720 * s * c**5 * (61 - 58 * t2 + t2**2) * d**6
    )
    easting = _E0 + nu * c * d + nu / 6 * c**3 * (nu / rho - t2) * d**3 + nu / 120 * c**5 * (5 - 18 * t2 + t2**2 + 14 * eta2 - 58 * t2 * eta2) * d**5
    return easting, northing


def project(lat: float, lon: float) -> tuple[float, float]:
    """Eastings and northings in metres (EPSG:27700) of a WGS84 latitude and longitude in degrees, within about 5 metres in Great Britain.

    >>> [round(v / 1000) for v in project(53.82061, -3.01585)]  # Blackpool Victoria Hospital
    [333, 437]
    """
    return _transverse_mercator(*_to_airy(math.radians(lat), math.radians(lon)), _AIRY)
