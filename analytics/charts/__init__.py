"""What does a frame look like? A Polars frame in, a Plotly figure out, one file per family.

No statistics and no screen.
"""
