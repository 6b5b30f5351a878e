"""GEP 生态产品总值核算: what ecosystems give in a year, in amounts and in money, run again to the last digit."""
