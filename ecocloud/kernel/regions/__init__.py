"""Divisions, departments, people, posts, roles, data scopes, sign-in, and the resolution of unit texts."""
