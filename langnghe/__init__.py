"""Floor 3: joins the workers: stages, jobs, the command."""
