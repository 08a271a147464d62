"""The findings of reading: one paragraph for each code, for `nginx2istio explain CODE`."""

EXPLANATIONS: dict[str, str] = {
    "NGX001": "A statement has no end. Every statement of nginx ends in `;` or opens a block with `{`. What stands behind it in the "
    "same file is not read; other files are. Commonest cause: a `;` forgotten on the line before.",
    "NGX002": "A `}` stands where no block is open, so the file has more `}` than `{`. nginx wants every file balanced in itself, "
    "included files too.",
    "NGX003": "A block is opened and never closed before the file ends. What it holds is read as if the block ended with the file.",
    "NGX004": 'A quoted value has no closing quote. Within quotes, write \\" for the quote itself.',
    "NGX005": 'Something stands right behind a closing quote. nginx takes `"a"` or `a"b"`, but not `"a"b`: quote the whole value.',
    "NGX006": "A `;` or `{` stands without a directive before it, such as in `;;`. nginx refuses empty statements.",
    "NGX007": "A block that holds Lua or JavaScript is not closed, or a string in it is not. Such blocks are skipped whole: their "
    "code is not converted.",
    "NGX008": "Blocks are nested deeper than any real configuration nests them; what lies deeper is not read. The bound keeps hostile "
    "input harmless.",
    "NGX009": "There are more directives than this program reads in one source, with included files counted as often as they are "
    "included. Convert the source in parts.",
    "NGX010": "The file is a fragment: no nginx.conf, but a part that some nginx.conf includes. The outermost block that accepts all "
    "its directives was taken for the place where it is included. If that is wrong, give the folder with the nginx.conf.",
    "NGX011": "An included file is not in what was given. nginx would not start without it; here the rest is converted, without what "
    "the file says. Give the folder that holds it, or the output of `nginx -T`, which holds all files.",
    "NGX012": "Files include each other in a circle, or includes are nested too deeply. The circle is cut where it closes.",
    "NGX013": "The directive belongs neither to nginx nor to a module that this program knows. It is reported as `unknown` and not "
    "converted. It may be misspelt: nginx would not start then.",
    "NGX014": "A folder without nginx.conf is read as one set of site files. This file belongs into another block than most of them, "
    "and none of them includes it, so that its place is not known. It is not converted; convert it alone, or give the "
    "nginx.conf.",
    "NGX015": "A path or a symbolic link leads outside the folder that was given. Nothing outside is ever opened. Absolute includes "
    "are looked up under the folder: /etc/nginx/conf.d/a.conf as etc/nginx/conf.d/a.conf, then as conf.d/a.conf.",
    "NGX016": "The file cannot be read as text: it holds NUL bytes, is no regular file, or the system refuses to open it.",
    "NGX017": "A file or a folder is larger than this program reads. The bounds keep hostile input harmless.",
    "NGX018": "An include with wildcards matches no file of what was given. nginx is content with that. If the host has such files, "
    "give the folder that holds them, or the output of `nginx -T`: without them, what they say is not converted.",
    "NGX019": "There were so many findings that only the first ones are listed.",
    "NGX020": "The text is a template (ERB, Jinja, Go, envsubst, `%%NAME%%`): another program fills it before nginx reads it. What it "
    "becomes cannot be known from here. Convert the filled file. `${name}` is nginx's own notation; a name in capitals that "
    "the file does not define is taken for envsubst's.",
    "NGX021": "nginx does not take the directive in this block and would not start.",
    "NGX022": "The directive has too many or too few arguments; nginx would not start. Commonest cause: a forgotten `;` on the line "
    "before.",
    "NGX023": "nginx takes the directive once on a level and would not start with a second one. Often one of the two comes from an "
    "included file.",
    "NGX024": "The directive takes `on` or `off`.",
    "NGX025": "The value is no size. Sizes are whole numbers of bytes, with k, m or g for larger units.",
    "NGX026": "The value is no time. Times are whole numbers of seconds, or with units from the largest to the smallest: 1d, 1h30m, "
    "10s, 500ms.",
    "NGX027": "An address, a port or a parameter of `listen` or of an upstream's `server` is not one that nginx takes.",
    "NGX028": "`return` takes a status up to 999, with a text or a URL behind it, or a URL alone.",
    "NGX029": "The directive must open a block and does not, or opens one and must not.",
    "NGX030": "An entry of a table such as map or split_clients has exactly one value and one result.",
}

# The findings that say that nginx refuses a directive, as opposed to a text.
REFUSED_BY_NGINX = frozenset({"NGX021", "NGX022", "NGX023", "NGX024", "NGX025", "NGX026", "NGX027", "NGX028", "NGX029", "NGX030"})
