"""What might somebody's own files mean? From tables to the draft of a catalog."""
