"""The door of the cloud: who may come in, with what request, and what goes wrong on the way."""
