"""Authored text into the domain: strict schemas, loader, lint. Every error names file and line."""
