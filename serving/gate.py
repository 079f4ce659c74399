"""The gate: model, policy and store joined; what the calls ask."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import date
from typing import Any

import orjson
from starlette.requests import Request

from data.listing import Listing
from data.policy import Policy, load_policy
from models.bundle import load_bundle
from models.locate import resolve_bundle
from serving.batcher import Batcher, Overloaded
from serving.decision import apply_policy, policy_as_json
from serving.errors import ApiError, not_ready
from serving.judging import Classifier, Judge, Judged, Question, answer_body, listing_json
from serving.metrics import metrics
from serving.schema import FeedbackRequest
from serving.settings import ANSWER_SECONDS, MAX_LISTINGS, MAX_WAITING, Settings
from serving.store import Entry, Store, StoreDown

log = logging.getLogger("bentoml.pabean")


class Gate:
    """Answers the calls of one worker.

    Calls that wait are put to the model together: a listing's answer does not depend on its batch, and
    one batch of many is faster than many of one.
    """

    def __init__(self, classifier: Classifier, policy: Policy, store: Store) -> None:
        self.classifier, self.policy, self.store = classifier, policy, store
        self._metrics = metrics()
        self._model: Batcher[Question, list[Judged]] = Batcher(
            "pabean-model", Judge(classifier, policy), lambda asked: len(asked.listings), MAX_LISTINGS, MAX_WAITING
        )

    async def classify(self, listings: Sequence[Listing]) -> bytes:
        """The body of ``POST /v1/classify``."""
        judged = await self._ask(Question(listings, None))
        return answer_body(judged, model_version=self.classifier.version)

    async def moderate(self, listings: Sequence[Listing], as_of: date, request_id: str) -> bytes:
        """The body of ``POST /v1/moderate``; every decision is in the store before it is returned."""
        judged = await self._ask(Question(listings, as_of))
        versions = {"model_version": self.classifier.version, "policy_version": self.policy.version}
        day = as_of.isoformat()
        entries = [
            Entry(
                request_id=request_id, listing_id=listing.id, decision=str(one.decision), as_of=day,
                listing=listing_json(listing), result=one.json.decode("utf-8"), **versions,
            )
            for listing, one in zip(listings, judged, strict=True)
        ]  # fmt: skip
        try:
            with self._metrics.storing():
                await _answer(self.store.record(entries))
        except StoreDown:
            self._metrics.store_failed()
            raise _store_down("the decision could not be recorded, so it is not given") from None
        self._metrics.decided(judged)
        return answer_body(judged, **versions, as_of=day)

    async def keep_feedback(self, request: FeedbackRequest, request_id: str) -> dict[str, Any]:
        """Stores a moderator's verdict; the stored correction."""
        sent = request.model_dump(exclude_none=True)
        text = orjson.dumps(sent).decode("utf-8")
        try:
            stored = await asyncio.to_thread(self.store.add_feedback, request_id, request.id, request.verdict, text)
        except StoreDown:
            raise _store_down("the feedback could not be stored") from None
        return {**sent, **stored}

    def try_out(self, listing: Listing, as_of: date) -> dict[str, Any]:
        """A result that is not recorded, with what explains it (``explained``); for the console."""
        prediction = self.classifier.predict([listing])[0]
        result = apply_policy(prediction, self.policy, as_of)
        best = result["hs"]["code"] or next((row["code"] for row in result["hs"]["candidates"]), None)
        code = next((row["code"] for row in result["hs"]["candidates"] if row["code"].startswith(best or "-")), None)
        result["explained"] = self.classifier.explain(listing, code) if code else {"evidence": [], "like": []}
        return result

    def rules(self, as_of: date) -> dict[str, Any]:
        """The body of ``GET /v1/policy``."""
        return policy_as_json(self.policy, as_of)

    def close(self) -> None:
        """Answers what waits and lets the store go."""
        self._model.close()
        self.store.close()

    async def _ask(self, question: Question) -> list[Judged]:
        try:
            return await _answer(self._model.submit(question))
        except Overloaded:
            raise ApiError(503, "overloaded", "too many calls wait", headers={"retry-after": "1"}) from None


def open_gate(settings: Settings) -> Gate:
    """Loads model and policy and opens the store, as a deployment's settings name them.

    Raises
    ------
    BundleError, PolicyError, sqlalchemy.exc.ArgumentError
        Where the model, the policy or the database's URL cannot be used.
    """
    return Gate(
        classifier=load_bundle(resolve_bundle(settings.model)),
        policy=load_policy(settings.policy),
        store=Store(settings.database_url),
    )


def gate_of(request: Request) -> Gate:
    """The gate of the application that a request came to.

    Raises
    ------
    ApiError
        503 where there is none (yet).
    """
    gate: Gate | None = request.app.state.gate
    if gate is None:
        raise not_ready("model and policy are not loaded; the log says why")
    return gate


async def _answer(future: Future[Any]) -> Any:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await asyncio.wrap_future(future)
    except TimeoutError:
        raise ApiError(503, message="the answer took too long", headers={"retry-after": "5"}) from None


def _store_down(message: str) -> ApiError:
    error = not_ready(message)
    error.code = "store_unavailable"
    return error
