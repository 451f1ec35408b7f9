"""The believable company: what it sells, to whom, and every order with what followed it."""
