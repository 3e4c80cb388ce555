"""What assistants know: documents are loaded, cut into chunks, made into vectors, and searched."""
