"""Where configuration comes from: a file, a folder, a dump of `nginx -T`, standard input."""
