"""我要反映: what people report, without an account, and what becomes of it."""
