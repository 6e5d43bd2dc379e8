"""The generator of random programs; see generate.py for its command line."""
