"""Child processes of one supervisor: started, watched, and stopped in good order."""
