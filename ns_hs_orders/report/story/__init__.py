"""The story of one order or return, from NetSuite's values to what HubSpot holds now."""
