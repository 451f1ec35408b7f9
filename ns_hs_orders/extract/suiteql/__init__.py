"""How NetSuite is asked: values in queries, keyset pages, ranges cut into streams, session time."""
