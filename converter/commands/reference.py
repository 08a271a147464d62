"""docs/cli.md: the command line as its own help describes it."""

import click

from converter.commands.main import cli

_WIDTH = 100


def render() -> str:
    """The page, in Markdown."""
    with cli.make_context("nginx2istio", [], resilient_parsing=True, terminal_width=_WIDTH) as context:
        commands = {name: cli.get_command(context, name) for name in cli.list_commands(context)}
        sections = [_section(context), *(_section(_below(context, name, found)) for name, found in commands.items() if found)]
    return "\n".join(["# Command line\n\nThis page is made from `--help`; `make docs` refreshes it.\n", *sections])


def _below(context: click.Context, name: str, command: click.Command) -> click.Context:
    return command.make_context(name, [], parent=context, resilient_parsing=True, terminal_width=_WIDTH)


def _section(context: click.Context) -> str:
    return f"## {context.command_path}\n\n```\n{context.get_help()}\n```\n"
