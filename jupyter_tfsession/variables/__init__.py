"""What a graph's variables are, and reading and writing them without adding an operation."""
