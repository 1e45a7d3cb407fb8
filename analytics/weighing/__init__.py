"""What do weights buy?

Weightings, the tally they make of a population, and what can be read from it.
"""
