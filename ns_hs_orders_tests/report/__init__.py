"""Tests of the report views."""
