"""What was proven and reported: days, closed periods, exceptions, what each record was told about trust."""
