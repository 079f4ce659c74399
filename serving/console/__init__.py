"""The moderators' console, ``/ui/``: pages made on the server, no scripts, nothing from elsewhere."""

from serving.console.pages import console_routes

__all__ = ["console_routes"]
