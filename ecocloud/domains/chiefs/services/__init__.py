"""The only code that writes in this room. Each function: right, change, journal, in one transaction."""
