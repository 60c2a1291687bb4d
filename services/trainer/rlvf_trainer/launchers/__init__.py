"""Starts jobs and waits for their end: as local processes, Docker containers, or Kubernetes
Jobs."""
