"""The reporting system: accountings, the forms units owe, filling, checking, reviewing. Pages, API, workbooks."""
