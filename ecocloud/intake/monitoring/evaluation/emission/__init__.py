"""Emission of stacks and outlets 排放: exceedance by each limit's own averaging time, validity, conversion to reference
oxygen, amounts, capture.

Hours are grids: ``(outlets, days · 24)``, the first hour of a day from 00:00 to 01:00 Beijing time, as ``hour_grid``
of the air evaluation makes them from rows with ``hour_ending`` said. Data that are marked invalid, stopped or excused
prove no exceedance: they come as a mask ``excluded`` of the same shape.
"""
