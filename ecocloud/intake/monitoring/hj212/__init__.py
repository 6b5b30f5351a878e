"""HJ 212: the protocol by which stations, outlets and stacks send measurements. Pure: no socket, clock, file."""
