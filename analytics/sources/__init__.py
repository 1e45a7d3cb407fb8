"""What does each source say about a person? Designs, models and the evidence they give."""
