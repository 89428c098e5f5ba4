"""What is known: the parameter table and the bibliography."""
