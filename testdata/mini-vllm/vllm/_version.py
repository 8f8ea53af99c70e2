__version__ = version = "0.14.1+mini"
__version_tuple__ = version_tuple = (0, 14, 1, "mini")
