"""Commands to devices: what may be sent, who must agree, and what became of it."""
