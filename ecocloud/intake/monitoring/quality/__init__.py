"""Data quality 数据质量: automatic flags of values by rules, and what people decide about values."""
