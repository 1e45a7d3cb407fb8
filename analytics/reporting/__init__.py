"""What is handed over on paper? One page each, as HTML that prints: no script, nothing fetched from elsewhere."""
