"""Cells that build the graph, run again: what a cell made is found again, not made twice."""
