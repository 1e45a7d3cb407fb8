"""Which formats of tables are read? One file each; a new one needs nothing else."""
