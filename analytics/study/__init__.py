"""What can be asked of a data set? One function for each question.

Pages, command line, reports and notebooks ask here.
"""
