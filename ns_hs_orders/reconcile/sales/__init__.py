"""Sales dollars and net sales: what counts, in which currency, and the sums of both sides."""
