"""Stage 1: NetSuite → raw orders and lines, complete under concurrent change."""
