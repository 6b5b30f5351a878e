"""Results of evaluation: kept by version, made again when values change, feeding the indicators; their pages."""
