"""Business rooms: each stands on the kernel and what comes in, and sees no other room of this floor."""
