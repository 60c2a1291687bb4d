"""Problems about days, clocks and calendars."""
