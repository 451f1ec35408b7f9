"""HubSpot's HTTP endpoints, one module a family; each handler takes a Call and gives an Answer."""
