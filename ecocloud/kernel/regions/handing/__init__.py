"""Handing over a post (岗位交接): everything that waits for one person goes to the successor in one step."""
