"""Files of strangers: what is inside, read in a process that may break.  `inspection` is the door; the rest runs in the child."""
