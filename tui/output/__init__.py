"""What is sent to the terminal: of each picture the cells that changed, so many pictures a second at the most."""
