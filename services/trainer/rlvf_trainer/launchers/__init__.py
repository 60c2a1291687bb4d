"""Where jobs run: as local processes, Docker containers, or Kubernetes Jobs."""
