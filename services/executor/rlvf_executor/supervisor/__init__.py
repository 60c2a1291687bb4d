"""The supervisor, one process per slot, outside the jail: starts jails, runs jobs, reports ends."""
