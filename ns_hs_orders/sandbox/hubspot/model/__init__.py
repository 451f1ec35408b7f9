"""What the emulated HubSpot knows and the rules it keeps, without HTTP."""
