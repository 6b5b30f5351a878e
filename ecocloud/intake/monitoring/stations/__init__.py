"""Stations: devices with their channels, upkeep, strangers, rates; what people see and enter."""
