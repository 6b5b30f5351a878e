"""Surface water 地表水: classes of GB 3838 by the single worst item, grades of sections and basins, nutrition of lakes,
the city index, drinking-water sources, assimilative capacity and loads.

Rows are sections (or points) at a time, columns are items by the names of ``data/evaluation/water.yaml`` (``do``,
``codmn``, ``tp`` …). Whether a row is a lake is data that comes with it. A class is a number: 1 to 5, 6 for 劣Ⅴ, 0 for
none; the worse the greater.
"""
