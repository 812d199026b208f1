"""How the trained tables of the extractor were made. Nothing here runs when a call is analysed."""
