"""Tiny trained models: their definition, the script that trains them, the weights and a card of how they were made."""
