"""The BentoML service: ``bentoml serve serving.service:ListingGate``."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, cast

import bentoml
from sqlalchemy.exc import ArgumentError
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from data.policy import PolicyError
from models.bundle import BundleError
from serving.app import create_app
from serving.gate import Gate, open_gate
from serving.guard import Guard
from serving.keys import open_access
from serving.launch import HOST
from serving.settings import Settings

BACKSTOP_SECONDS = 120
"""BentoML's own limit on a call; ours are shorter and answer in our shape."""
log = logging.getLogger("bentoml.pabean")
app = create_app()


@bentoml.asgi_app(app, path="/")
@bentoml.service(name="ListingGate", workers=1, http={"host": HOST}, traffic={"timeout": BACKSTOP_SECONDS})
class ListingGate:
    """Classifies marketplace listings and decides on them; loads model and policy once a worker."""

    def __init__(self) -> None:
        # calls come in parallel already, and workers are processes: a second thread in each product of
        # matrices only takes the processor from the other calls
        threadpool_limits(limits=1)
        self.gate: Gate | None = None
        try:
            self.gate = open_gate(Settings.from_environment())
        except (BundleError, PolicyError, ArgumentError) as error:
            # alive, but not ready: whoever watches the service sees it, and the log says why
            log.error("not ready: %s", error)
        except Exception:
            log.exception("not ready")
        app.state.gate = self.gate

    @bentoml.on_shutdown
    def close(self) -> None:
        """Answers what waits and lets the store go."""
        if self.gate is not None:
            self.gate.close()

    async def __is_ready__(self) -> bool:
        """Ready means that model, policy and store can be used."""
        return self.gate is not None and await asyncio.to_thread(self.gate.store.ready)


cast(Any, ListingGate).add_asgi_middleware(Guard, access=open_access(Settings.from_environment()))
