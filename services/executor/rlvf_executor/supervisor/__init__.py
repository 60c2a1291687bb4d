"""One process beside each slot, outside the jail: starts jails, runs jobs, says how they ended."""
