"""The ledger and the model for readers: text, JSON, Markdown."""
