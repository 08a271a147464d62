"""What Envoy answers by itself where an upstream fails, changed for single routes.

Source: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/local_reply
"""

from converter.model.rules import FailurePage, Rule

_FLAGS = {502: ["UF", "UC", "UR", "UH", "LR", "UPE", "UO", "LH", "NC"], 504: ["UT", "SI"]}  # response flags for nginx's 502 and 504
_CEL = "type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter"


def mappers(rule: Rule) -> list[object]:
    """Entries of `local_reply_config.mappers` for the failure pages of a rule. Its name is how Envoy knows the route."""
    return [_mapper(rule.name, page) for page in rule.policies.pages if page.status in _FLAGS]


def _mapper(name: str, page: FailurePage) -> dict[str, object]:
    route = {
        "name": "envoy.access_loggers.extension_filters.cel",
        "typed_config": {"@type": _CEL, "expression": f"xds.route_name == '{name}'"},
    }
    flags = {"response_flag_filter": {"flags": _FLAGS[page.status]}}
    text = (page.answer.body.literal or "").replace("%", "%%")
    return {
        "filter": {"and_filter": {"filters": [flags, {"extension_filter": route}]}},
        "status_code": page.answer.status,
        "body_format_override": {"text_format_source": {"inline_string": text}, "content_type": page.answer.content_type},
    }


def retry_on(causes: tuple[str, ...]) -> str:
    """Envoy's words for what makes a request be tried again, as fields of Istio want them."""
    names = {"connect": ["connect-failure", "refused-stream"], "reset": ["reset"]}
    return ",".join(name for cause in causes for name in names.get(cause, [cause]))
