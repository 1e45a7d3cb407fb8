"""How do data describe themselves? A catalog: its values, and the file they stand in."""
