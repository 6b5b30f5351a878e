"""Duties: work items from registration to close-out."""
