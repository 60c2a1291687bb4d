"""Experiments: their settings, and the driver that runs them against services (`rlvf run`)."""
