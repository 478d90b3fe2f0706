"""Pictures for people: the overlay on video frames. Knows poses and snapshots, not how they were decided."""
