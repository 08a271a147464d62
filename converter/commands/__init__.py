"""The command line, one file a command: parses arguments, calls the library, picks a renderer."""
