"""The tiny inspection model in three parts, eye, bridge and reasoner, and how they are trained."""
