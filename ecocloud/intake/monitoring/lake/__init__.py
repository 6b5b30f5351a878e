"""The measurement lake 测量库: every value once, with its versions and its place in the raw journal."""
