"""How the trained tables of the conversation were made. Nothing here runs when a call is analysed."""
