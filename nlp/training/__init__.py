"""How the shipped model is made and made again; nothing here is needed to read an item."""
