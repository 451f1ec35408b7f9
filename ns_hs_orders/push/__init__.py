"""Stage 3: valid orders → HubSpot: batches matched by key, bisecting, claims."""
