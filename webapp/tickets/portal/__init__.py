"""What the public sends: forms that admins build, similar reports shown first, followers, files never sent."""
