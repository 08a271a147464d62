"""Two configurations held against each other: for which requests the answer differs, which objects, which outcomes."""
