"""``jupyter tfsession``: the sessions of all running kernels from the command line."""
