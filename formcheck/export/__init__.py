"""Files for people and programs: annotated video, JSON, CSV, and a page that prints."""
