"""The fault campaign: random worlds, faults in both systems and kills, and the proof afterwards.

Belongs here: `python -m benchmarks.faults` and its parts. Does not belong here: the emulators' faults
themselves (ns_hs_orders.sandbox), or speed.
"""
