import pytest
import yaml

from converter.commands.decisions import parse_decisions
from converter.model.conversion import Conversion
from converter.model.decisions import Decisions, HostDecisions
from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.report.decisions_file import found_upstreams, render
from tests.sample_conversion import CONVERSION, HOSTILE, SOUND, row


@pytest.mark.parametrize("conversion", [CONVERSION, SOUND, Conversion("<stdin>")])
def test_the_file_is_a_set_of_decisions_that_change_nothing(conversion: Conversion) -> None:
    read = parse_decisions(render(conversion), "migration.yaml")
    assert replace(read, hosts={}) == Decisions()
    assert all(host.namespace == "" for host in read.hosts.values())


def test_hosts_come_with_the_secrets_of_their_certificates() -> None:
    hosts = parse_decisions(render(CONVERSION), "migration.yaml").hosts
    assert hosts == {"shop.example.com": HostDecisions(certificate="shop-example-com-tls"), "api.example.com": HostDecisions()}


def test_upstreams_come_with_their_servers_also_those_without_a_name() -> None:
    assert found_upstreams(CONVERSION.rows) == {
        "orders": ("nginx.conf:2", ["10.0.3.12:8080"]),
        "10.0.0.9:443": ("nginx.conf:16", ["10.0.0.9:443"]),
    }
    assert "  # orders (nginx.conf:2): 10.0.3.12:8080\n" in render(CONVERSION)


@pytest.mark.parametrize("url", ["http://$backend", "http://unix:/run/a.sock", "orders", "", "http://orders:80/x"])
def test_a_target_that_names_no_server_of_its_own_is_no_upstream(url: str) -> None:
    rows = (row(1, "upstream", Outcome.EXACT, "orders"), row(2, "proxy_pass", Outcome.EXACT, url))
    assert list(found_upstreams(rows)) == ["orders"]


def test_each_key_that_can_be_decided_is_in_the_file_with_a_comment() -> None:
    text = render(CONVERSION)
    names = ("namespace", "selector", "trusted_proxies", "fidelity", "envoyfilter", "read_timeout", "mirror_methods", "certificate")
    assert [name for name in names if f" {name}: " not in text] == []


def test_open_questions_and_what_could_be_waived_are_in_the_file() -> None:
    text = render(CONVERSION)
    assert "# - gateway.trusted_proxies: how many proxies" in text
    assert '  # - {directive: "proxy_cache", where: "nginx.conf:17", reason: ""}  # unsupported\n' in text


def test_names_from_the_source_cannot_break_out_of_their_place() -> None:
    hosts = (replace(CONVERSION.hosts[0], name=HOSTILE), replace(CONVERSION.hosts[1], name="*.example.com"))
    rows = (row(1, "upstream", Outcome.UNKNOWN, HOSTILE, file=HOSTILE),)
    loaded = yaml.safe_load(render(replace(CONVERSION, hosts=hosts, rows=rows)))
    assert list(loaded) == ["version", "gateway", "defaults", "hosts", "upstreams", "cutover", "waive"]
    assert len(loaded["hosts"]) == 2
    assert "*.example.com" in loaded["hosts"]
