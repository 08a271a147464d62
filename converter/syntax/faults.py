"""What ends the reading of a text."""


class Fault(Exception):
    """A place that nginx's reader would refuse, or a bound of this program. offset: in characters from the text's start."""

    def __init__(self, code: str, offset: int, message: str, help: str) -> None:
        super().__init__(message)
        self.code = code
        self.offset = offset
        self.message = message
        self.help = help
