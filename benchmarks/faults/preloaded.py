"""The last import of the server that forks: what is there by then is left alone by every child's garbage collector.

Belongs here: nothing else. Without it each collection in a child would copy the pages of all that was imported.
"""

import gc

gc.collect()
gc.freeze()
