"""What happens to a score when a source is faked, withheld, dark or wrong?"""
