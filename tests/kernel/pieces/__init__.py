"""Pieces of notebooks, one for each way of building that has to survive being run again."""

from __future__ import annotations

from typing import Final

from pieces.control_flow import CONTROL_FLOW
from pieces.inputs import INPUTS
from pieces.piece import Piece
from pieces.training import TRAINING
from pieces.variables import VARIABLES

__all__ = ["CONTROL_FLOW", "INPUTS", "PIECES", "TRAINING", "VARIABLES", "Piece"]

PIECES: Final = {**VARIABLES, **TRAINING, **CONTROL_FLOW, **INPUTS}
