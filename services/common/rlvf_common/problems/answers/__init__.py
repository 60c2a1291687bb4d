"""Reading answers: the program in what a model wrote."""
