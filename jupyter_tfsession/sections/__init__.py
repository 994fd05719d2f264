"""The parts of a notebook, each the life of one default graph, and going back to them."""
