"""The whole desk as one file, made each night by itself, and brought back into an empty one."""
