"""Why has a person this score? SHAP values of every source, weighed like its evidence, and what may
be said of them."""
