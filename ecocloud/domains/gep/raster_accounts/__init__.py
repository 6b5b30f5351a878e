"""Raster accounts: their layers, jobs, pages, results and maps."""
