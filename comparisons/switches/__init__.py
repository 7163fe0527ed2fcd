"""What staff can stop at once: votes, counterpoints, the panel, all writing."""
