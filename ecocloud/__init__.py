"""EcoCloud 生态云: the working platform of an eco-civilization office."""

__version__ = "0.1.0"
