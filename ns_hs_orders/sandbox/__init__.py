"""Both remote systems on your own machine: a NetSuite and a HubSpot emulator on loopback, and a world to put in them.

Belongs here: the two HTTP emulators, their state on disk, the made-up company, scripted faults.
Does not belong here: anything that the synchronization itself uses. Nothing in this package imports from
the rest of ns_hs_orders, so that client and emulator cannot share a mistake.
"""
