"""The game in Python: its rules to the last digit, the designer's rules, and who plays it."""
