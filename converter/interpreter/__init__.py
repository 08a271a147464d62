"""nginx's program, followed by one request: what a real nginx with this configuration would do with it.

It knows nothing of the symbolic evaluation, which may be wrong where this is right.
"""

from converter.interpreter.interpret import interpret
from converter.interpreter.outcome import CLOSED, Answered, Assumed, End, Interpretation, Sent, Step, Unknown
from converter.interpreter.sites import read_http

__all__ = ["CLOSED", "Answered", "Assumed", "End", "Interpretation", "Sent", "Step", "Unknown", "interpret", "read_http"]
