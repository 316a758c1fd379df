"""The inspection system that can be diagnosed: four parts, faults planted in one of them, experiments, and the rule."""
