"""One session per graph: opened once, kept alive, its initializers guarded."""
