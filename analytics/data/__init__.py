"""Where do the people come from? Catalog, files, cohorts and splits."""
