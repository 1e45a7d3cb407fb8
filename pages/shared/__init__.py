"""What do all pages share?

Their pieces of layout and HTML, their inputs, and the one place that caches.
"""
