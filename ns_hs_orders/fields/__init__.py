"""The field map: one table that drives SuiteQL columns, contracts, HubSpot properties, compare and docs."""
