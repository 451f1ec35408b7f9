"""What happened in HubSpot: who changed, merged or deleted records, and which edits stay."""
