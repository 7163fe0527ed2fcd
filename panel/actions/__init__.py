"""What changes the panel's books: convene, hear, settle, sweep."""
