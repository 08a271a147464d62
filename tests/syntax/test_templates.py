import pytest

from converter.syntax.templates import find_template


@pytest.mark.parametrize(
    ("text", "kind", "offset"),
    [
        ("listen <%= @port %>;", "ERB", 7),
        ("a 1;\n<% if x %>\nb 2;\n<% end %>", "ERB", 5),
        ("# <% if tls %>\nlisten 443;", "ERB", 2),
        ("{% if tls %}\nlisten 443;\n{% endif %}", "Jinja", 0),
        ("# {%- for x in y %}\nlisten 443;", "Jinja", 2),
        ("root {{ hub_root }}/_site;", "Jinja", 5),
        ('set $user "{{user}}";', "Jinja", 11),
        ("listen {{ .Values.port }};", "Go template", 7),
        ("{{range $i, $e := .Servers}}", "Go template", 0),
        ("{{- if $x.y }}", "Go template", 0),
        ("listen ${PORT};", "envsubst", 7),
        ("proxy_pass http://${HOST}:80;", "envsubst", 18),
        ("root %%TESTDIR%%;", "placeholder", 5),
    ],
)
def test_templates_are_recognised(text, kind, offset):
    template = find_template(text)
    assert template is not None
    assert (template.kind, template.offset) == (kind, offset)


@pytest.mark.parametrize(
    "text",
    [
        "proxy_pass http://${name}/;",
        "set $UPPER a; return 200 ${UPPER};",
        "set $Upper a; return 200 ${UPPER};",
        "map $host $UPPER { default 1; } add_header X ${UPPER};",
        'map "${host}:$server_port" $UPPER { default 1; } add_header X ${UPPER};',
        "location ~ ^/(?<UPPER>.*)$ { return 200 ${UPPER}; }",
        "split_clients $remote_addr $UPPER { 10% a; * b; } add_header X ${UPPER};",
        "# made by {{ ansible_managed }} for ${HOST} and %%NAME%%\nlisten 80;",
        'location ~ "^/a{2}/{3}$" { }',
        """return 200 '{"a":{"b":1}}';""",
        """return 200 '{{"a":1}}';""",
        'log_format x escape=json \'{ "time": "$time_iso8601", "o": { "a": "$uri" }}\';',
        "sub_filter '{{VERSION}}' '1.2';",
        "    sub_filter '%%VERSION%%' '1.2';",
        "log_format x '%%';",
        "rewrite ^/100%{2} /x;",
        "if ($uri ~ '<[^%]*>') { }",
    ],
)
def test_plain_configuration_is_no_template(text):
    assert find_template(text) is None


def test_a_hash_within_a_word_or_quotes_hides_nothing():
    assert find_template("a x#y {{ b }};") is not None
    assert find_template('a "x # {{ b }}";') is not None


def test_hostile_texts_take_no_long_time():
    for text in ("{{" * 200_000, "<%" * 200_000, '"\\' * 200_000, "${A}" + "set " * 200_000, "${A}" + " set $" * 100_000, "{% a" * 200_000):
        find_template(text)
    assert find_template("sub_filter " + "{{a}}" * 50_000) is not None
