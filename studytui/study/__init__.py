"""What the screens and the command line both call: study sessions, labs, backups and the state of the course."""
