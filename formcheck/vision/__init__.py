"""What is read from the picture itself, beside the landmarks: the ball."""
