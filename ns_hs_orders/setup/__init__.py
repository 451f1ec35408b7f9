"""Setup and doctor: what both accounts must have."""
