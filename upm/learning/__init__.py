"""What a learner did, kept for ever, and what follows from it."""
