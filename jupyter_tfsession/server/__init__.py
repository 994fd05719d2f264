"""The Jupyter server's side: the sessions of all kernels in one place.

Nothing of the kernel's side is imported here but the messages, and what a snapshot's directory is.
"""
