"""The interview rehearsal: questions, answers under time, what they covered, what comes of it."""
