"""Results of accounts: tables, cards behind numbers, comparison, report, workbook, pages."""
