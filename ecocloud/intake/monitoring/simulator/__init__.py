"""Simulated devices: for demonstrations, training and load. Nothing they send was ever measured."""
