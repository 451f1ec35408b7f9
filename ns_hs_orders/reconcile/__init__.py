"""Stage 4: both systems read again and compared, in minor units."""
