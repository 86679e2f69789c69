"""The whole terminal: a client of the desk with everything on it, mouse too; extra `tui`."""
