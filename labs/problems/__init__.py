"""Posing and checking, one lab a file. No torch: these run in the app's process."""
