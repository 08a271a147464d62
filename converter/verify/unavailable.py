"""What a verification needs and does not find."""


class Unavailable(Exception):
    """A program is missing, or the system forbids what is needed. The message is a sentence that says what to install or allow."""
