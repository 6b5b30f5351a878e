"""Points to counties and cities: the mean of the concentrations of the points first, the index from it afterwards."""

from __future__ import annotations

import numpy as np

from ecocloud.intake.monitoring.evaluation.air.means import Means, Reason, mean_of_means
from ecocloud.intake.monitoring.evaluation.air.rules import Edition


def area_means(edition: Edition, points: Means, areas: np.ndarray, count: int) -> Means:
    """Of each area the mean of its assessment points, for each day (or hour): (areas, …).

    points: (points, …), an item's exact concentrations; areas: for each point the number of its area (a city is made of
    its points, not of its counties), below 0 for points that are not assessed; count: how many areas.
    An area needs a share of its points (fact ``area.points``, HJ 663-2013 6.2); otherwise TOO_FEW_POINTS.
    """
    areas = np.asarray(areas)
    if areas.shape != points.shape[:1]:
        raise ValueError(f"{areas.shape} areas for {points.shape[:1]} points")
    rest = points.shape[1:]
    tops, bottoms = np.zeros((count, *rest), np.int64), np.ones((count, *rest), np.int64)
    reason = np.full((count, *rest), Reason.MISSING, np.uint8)
    for area in range(count):
        inside = points[areas == area]
        if inside.shape[0]:
            there = (inside.reason == 0).sum(axis=0)
            lacking = np.where(_enough(edition, there, inside.shape[0]), np.uint8(0), np.uint8(Reason.TOO_FEW_POINTS))
            lacking = np.where(there == 0, np.uint8(Reason.MISSING), lacking)
            mean = mean_of_means(inside, 0, lacking)
            tops[area], bottoms[area], reason[area] = mean.tops, mean.bottoms, mean.reason
    return Means(tops, bottoms, reason)


def facts_of(edition: Edition) -> tuple[str, ...]:
    """The unverified facts that values of areas rest on."""
    return edition.unverified("area.points")


def _enough(edition: Edition, there: np.ndarray, points: int) -> np.ndarray:
    rule = edition.optional("area.points")
    if rule is None:
        return there > 0
    shares = rule.mapping()
    top, bottom = (shares["few_share"] if points < shares["few"] else shares["share"]).as_integer_ratio()
    return there * bottom >= points * top
