"""What the app is about, in the pure standard library: cards, SM-2, the study day, the queue and grading."""
