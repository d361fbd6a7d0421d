"""The command line and the generator: what a person drives. The framework is ``stylus_ai``."""
