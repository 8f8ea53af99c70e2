"""The names that were here live in the modules beside this one."""
