"""The commands of ``stylus-ai``, one file each: parse, one call, present."""
