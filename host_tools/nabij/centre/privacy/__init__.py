"""What is held of people: what for, for how long, how it is shown to them, and how it goes."""
