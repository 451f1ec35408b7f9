"""Stage 5: what a reconciliation found, told on each order in HubSpot."""
