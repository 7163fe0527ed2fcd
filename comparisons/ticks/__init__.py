"""The timetable: each job at most once a period, however many clocks ring."""
