"""A person at a camera: frames in; guidance, counts and in the end the files of an analysis out."""
