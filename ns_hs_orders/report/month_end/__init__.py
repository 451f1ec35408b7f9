"""Month's end: closing months, and what changed since a number was reported."""
