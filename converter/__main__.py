"""`python -m converter` is `nginx2istio`."""

from converter.commands.main import main

main()
