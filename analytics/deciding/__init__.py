"""What follows from a score? Points, cutoffs, and whether they hold over time."""
