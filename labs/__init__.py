"""Mini-labs: small real models whose computation decides whether an answer is right."""
