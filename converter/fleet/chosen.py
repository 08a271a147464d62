"""An application that is written, under the names that are the fleet's."""

from dataclasses import dataclass

from converter.fleet.glance import Sketch
from converter.fleet.grouping import Way
from converter.model.applications import Application


@dataclass(frozen=True, slots=True)
class Chosen:
    """An application that is written. way: of its site; the first of its configurations is the one that it is made from.

    place: its number among the way's applications.  new: itself without rules, under the names that are the fleet's.
    """

    site: int
    way: Way
    place: int
    new: Application

    @property
    def sketch(self) -> Sketch:
        return self.way.sketches[self.place]
