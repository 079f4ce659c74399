"""Starting the service so that it is reached from this machine only, unless told otherwise."""

from __future__ import annotations

import ipaddress
import logging
import os
import sys
from pathlib import Path

from data.policy import load_policy
from models.bundle import bundle_version
from serving.settings import Settings, resolve_model

HOST, PORT = "127.0.0.1", 3000
ROOT = Path(__file__).resolve().parent.parent
SERVICE = "serving.service:ListingGate"
log = logging.getLogger("bentoml.pabean")


def serve(host: str = HOST, port: int = PORT) -> int:
    """Runs the service in place of this process until it is stopped.

    Parameters
    ----------
    host : address to listen on; anything but loopback is warned about.

    Raises
    ------
    BundleError, PolicyError, ValueError
        Where the model, the policy or the address cannot be used; nothing is started then.
    """
    settings = Settings.from_environment()
    bundle_version(resolve_model(settings.model))
    load_policy(settings.policy)
    if not is_loopback(host):
        log.warning("%s can be reached from other machines, and calls need no key", host)
    command = serve_command(host, port)
    os.execve(command[0], command, serve_environment())
    return 1  # never reached: the process is the service now


def serve_command(host: str = HOST, port: int = PORT) -> list[str]:
    """The command that runs the service."""
    return [sys.executable, "-m", "bentoml", "serve", SERVICE, "--host", _address(host), "--port", str(port)]


def serve_environment() -> dict[str, str]:
    """This environment, with the project importable from any working directory, and nothing sent home."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "BENTOML_DO_NOT_TRACK": "True"}


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine only."""
    return ipaddress.ip_address(_address(host)).is_loopback


def _address(host: str) -> str:
    return HOST if host == "localhost" else host
