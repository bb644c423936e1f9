"""What people learn and reach: logs, goals, skills, portfolio, day totals, streaks, milestones, leaderboard."""
