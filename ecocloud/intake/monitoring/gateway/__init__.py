"""The gateway 接收网关: devices connect, their packets are stored in the raw journal, then acknowledged."""
