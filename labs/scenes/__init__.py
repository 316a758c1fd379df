"""Procedural pictures with ground truth: drawn from a seed, so that what is in them is known exactly."""
