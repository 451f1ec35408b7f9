"""What orders hang on in HubSpot: companies, contacts, deals and products found, and associations made and removed."""
