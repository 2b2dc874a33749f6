"""The one keeper of a project folder: whatever is written into it goes through here.

Only 成果/ and 记录/ are written, and new input files are added; nothing that a person wrote is replaced.
"""

from drafting.keeping.keeper import Keeper, Stage, basis_of
from drafting.keeping.standing import Standing, standing_of

__all__ = ["Keeper", "Stage", "Standing", "basis_of", "standing_of"]
