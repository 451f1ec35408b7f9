"""Stage 2: raw → valid orders and lines, skipped orders, or quarantine with a reason."""
