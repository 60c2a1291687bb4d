"""The executor: runs untrusted Python in a jail and grades it.

This package is imported inside the jail too, so nothing heavier than the standard library may be
imported from here or from the modules that the jail uses (see `zygote.py`).
"""
