"""One behaviour a file; the folder is the list."""
