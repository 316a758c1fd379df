"""Real terminals under a virtual display: what stands on their screens against the picture that was meant."""
