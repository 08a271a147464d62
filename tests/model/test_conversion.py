"""The commands that create secrets can be pasted into a shell, whatever the source calls its files."""

import shlex

from converter.model.conversion import SecretNeeded


def test_names_of_files_are_quoted_for_the_shell() -> None:
    command = SecretNeeded("apps", "shop-tls", "tls", "/etc/ssl/my shop.pem", "/etc/ssl/$(reboot).key").command
    assert shlex.split(command)[-2:] == ["--cert=/etc/ssl/my shop.pem", "--key=/etc/ssl/$(reboot).key"]
    assert "'/etc/ssl/$(reboot).key'" in command


def test_plain_names_stay_plain() -> None:
    assert SecretNeeded("apps", "a", "ca", "/etc/ssl/ca.pem").command.endswith("secret generic a --from-file=ca.crt=/etc/ssl/ca.pem")
