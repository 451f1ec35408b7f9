"""What must outlive a run: tickets, claims, confirmations, events, days, budgets."""
