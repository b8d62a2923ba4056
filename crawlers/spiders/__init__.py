"""One file a source type; the file name is the type."""
