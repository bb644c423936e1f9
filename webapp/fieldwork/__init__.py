"""Field work: jobs, and the employees who do them."""
