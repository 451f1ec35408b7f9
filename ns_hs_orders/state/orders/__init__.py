"""What is known of each order and return: claims, confirmations, verdicts, links, what is due, what happened."""
