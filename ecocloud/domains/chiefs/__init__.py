"""Chiefs 河长制林长制: who answers for a river, a lake, a forest, what was patrolled, and what was found."""
