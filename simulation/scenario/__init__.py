"""What a user decides: the programme, a school's own files, groups on placement, training and officers."""
