"""Who is at work and how far it has read: lanes, tickets of reads, watermarks of change streams."""
