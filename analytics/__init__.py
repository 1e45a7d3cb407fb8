"""What does each data source buy, in people who can be scored, in accuracy and in money? A plain library that knows no screen."""
