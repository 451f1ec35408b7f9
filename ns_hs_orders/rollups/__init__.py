"""Company roll-ups: what a customer buys, told on its company in HubSpot."""
