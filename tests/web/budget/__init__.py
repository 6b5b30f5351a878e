"""How the rows of the lists are made whose questions tests/web/test_query_budget.py counts: one module for each room,
with its pages."""
