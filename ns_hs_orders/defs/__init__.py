"""Dagster and nothing else: assets, checks, IO, jobs, resources, schedules."""
