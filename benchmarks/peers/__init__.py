"""Our push beside what others would use for it, on the same emulator, with the same orders.

Belongs here: the orders, the contest, and each contender as a small program of its own. Does not belong here:
comparing (benchmarks.compare), or anything that the product imports. The others' packages are pinned in
requirements.txt, made from requirements.in, and live in a virtual environment of their own.
"""
