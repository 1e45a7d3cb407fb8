"""What does a file hold? One file for each format, and what they share."""
