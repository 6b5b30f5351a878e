"""The list of burdens 负担清单: which forms each role fills in, how often, how many minutes it is estimated to take."""
