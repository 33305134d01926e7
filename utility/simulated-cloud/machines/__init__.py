"""Instances brought to life: namespaces, a private root, user-data, the metadata service."""
