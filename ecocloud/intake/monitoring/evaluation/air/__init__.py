"""Ambient air 环境空气: hours to days, points to areas, AQI, attainment, statistics of periods, rankings, 倒算. Pure.

Items and columns are named by pollutant and averaging time: ``pm25_24h``, ``o3_8h`` (of a day: MDA8). Arrays have the
day (or the hour) as their last axis.
"""
