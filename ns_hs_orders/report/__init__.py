"""Stage 5: views of one reconciliation: text, markdown, charts, JSON."""
