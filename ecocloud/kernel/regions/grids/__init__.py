"""Grids 网格: areas of three levels, each with one owner; every point and every case belongs to exactly one."""
