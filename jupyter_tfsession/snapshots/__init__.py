"""Values kept on the host, so that nothing is lost."""
