"""Evaluation 评价: from measured amounts to indices, classes, rates and attainment, by the standard in force on the day
of the observation. Pure: numpy and the standard library; no Django, clock, database.

Numbers are whole: arrays of int64 in millionths of the unit with a mask of what is missing (:mod:`scaled`); sums are
sums of whole numbers and a mean is rounded once (:mod:`rounding`), so that neither order nor batches change a result.
What a standard says stands in ``data/evaluation/*.yaml`` with its days of validity (:mod:`facts`).
"""
