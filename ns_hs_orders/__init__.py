"""NetSuite sales orders in HubSpot's Orders object, reconciled to the cent.

The stages of the flow are the folders extract, mapping, push, reconcile and report.
Nothing is imported here, so that every part can be imported alone.
"""
