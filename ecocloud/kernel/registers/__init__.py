"""Typed registers 名录/台账 defined by data, and the packs that bring them."""
