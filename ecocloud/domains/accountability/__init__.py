"""Accountability files 责任档案: what a unit, a post or a chief answered for in a term, proven by the journal."""
