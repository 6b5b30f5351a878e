"""Alarms 报警: rules as data, their evaluation over series, the life of an incident, where it may come from."""
