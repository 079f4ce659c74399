"""Starting the service so that it is reached from this machine only, unless told otherwise."""

from __future__ import annotations

import ipaddress
import os
import sys
from pathlib import Path

from data.policy import load_policy
from models.bundle import bundle_version
from models.locate import resolve_bundle
from serving.keys import KeyFileError, KeyRing
from serving.settings import Settings

HOST, PORT = "127.0.0.1", 3000
ROOT = Path(__file__).resolve().parent.parent
SERVICE = "serving.service:ListingGate"


def serve(host: str = HOST, port: int = PORT) -> int:
    """Runs the service in place of this process until it is stopped.

    Parameters
    ----------
    host : address to listen on; anything but loopback needs keys.

    Raises
    ------
    BundleError, PolicyError, KeyFileError, ValueError
        Where the model, the policy, the keys or the address cannot be used; nothing is started then.
    """
    settings = Settings.from_environment()
    bundle_version(resolve_bundle(settings.model))
    load_policy(settings.policy)
    if settings.api_keys is not None:
        KeyRing(settings.api_keys).count()
    elif not is_loopback(host):
        raise KeyFileError(
            f"{host} can be reached from other machines, so calls need keys: set PABEAN_API_KEYS to a file of keys "
            "and make one with `python -m serving keys add NAME --role submit`; or listen on 127.0.0.1"
        )
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
