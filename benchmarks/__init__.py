"""What the extension costs, measured: ``python -m benchmarks``.

One module per subject, each with a function ``measure`` that yields results; `__main__` lists the
subjects. What costs time in plain TensorFlow too is compared with it side by side, in one process.
"""
