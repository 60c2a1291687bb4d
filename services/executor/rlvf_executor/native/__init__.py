"""System calls and the part in C: what Python has no call for, or only a slow one."""
