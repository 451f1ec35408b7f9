"""What the account can be asked: found out once, kept as a plan, and looked at again where answers are suspiciously empty."""
