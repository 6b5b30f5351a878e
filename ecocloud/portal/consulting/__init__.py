"""征求意见: a draft is open to the public for a window; every comment is answered, what it changes becomes a task."""
