"""What is handed over on paper? One page each, as HTML that prints.

No script, nothing fetched from elsewhere.
"""
