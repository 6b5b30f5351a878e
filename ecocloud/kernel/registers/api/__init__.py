"""The API of registers: fixed routes, answers and schemas made from the definition of each type."""
