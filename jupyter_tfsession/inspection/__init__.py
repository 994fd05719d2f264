"""Looking at the variables of a session, from any thread, without a trace."""
