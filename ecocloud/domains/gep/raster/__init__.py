"""The raster engine: kernels on plain arrays, files and windows in a thin layer outside (needs numba and rasterio).

Arrays of a grid are flat and padded by one cell on every side, so that no kernel asks whether a neighbour exists:
what lies beyond the grid, or is not known, is not valid. Neighbours are counted from the east against the clock: 0
east, 1 north-east, 2 north ... 7 south-east.
"""
