"""Gates: what they ask, what the log says, what the learner does at them and what a report of it looks like."""
