"""What returns left in HubSpot, taken out of it after a person changed the setting that put it there."""
