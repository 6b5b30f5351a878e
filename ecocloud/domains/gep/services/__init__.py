"""The only code that writes the tables of the room: permission, change and journal in one transaction."""
