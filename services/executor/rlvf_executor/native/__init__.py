"""System calls and C for supervisor, jail and judge: what Python lacks or does too slowly."""
