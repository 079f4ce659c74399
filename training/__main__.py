"""Command line: train, evaluate, compare, calibrate, publish, list."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from data.labels import LabelledListing, read_labelled
from models.bundle import bundle_version
from models.locate import resolve_bundle
from training import registry

GUARDED = "a guarded measure is worse"
BUNDLE = "a bundle's directory or a BentoML tag (default: the bundle that ships)"


def main(arguments: list[str] | None = None) -> int:
    """Run a command; 0 where it went well, 1 where a challenger is worse, 2 where the input is at fault."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (ValueError, OSError) as error:  # faults of labels, tables and bundles are ValueErrors
        print(f"error: {error}", file=sys.stderr)
        return 2


def _train(options: argparse.Namespace) -> int:
    labelled = _labelled(options.listings) if options.listings else []
    if options.encoder:
        from training.fit import FitConfig
        from training.frozen import build_frozen
        from training.knowledge import knowledge_examples
        from training.labels import as_example

        examples = [as_example(item) for item in labelled] + (knowledge_examples() if not options.only_listings else [])
        version = build_frozen(options.out, options.encoder, examples, config=FitConfig(seed=options.seed))
    elif labelled:
        from training.retrain import RetrainConfig, retrain_bundle

        config = RetrainConfig()
        config = dataclasses.replace(config, fit=dataclasses.replace(config.fit, seed=options.seed))
        version = retrain_bundle(options.out, labelled, resolve_bundle(options.base), config)
    else:
        from training.build import BuildConfig, build_bundle

        defaults = BuildConfig()
        fit = dataclasses.replace(defaults.fit, seed=options.seed)
        version = build_bundle(options.out, dataclasses.replace(defaults, fit=fit))
    print(f"{version} written to {options.out}")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from training.evaluate import evaluate

    metrics = evaluate(_labelled([options.listings]), resolve_bundle(options.model), options.out)
    print(json.dumps({k: metrics[k] for k in ("model_version", "hs", "origin", "listings_per_second")}, indent=2))
    if metrics["clusters"]:
        print(f"clusters: precision {metrics['clusters']['precision']:.3f}, recall {metrics['clusters']['recall']:.3f}")
    print(f"metrics.json and report.html written to {options.out}")
    return 0


def _compare(options: argparse.Namespace) -> int:
    from training.compare import compare

    champion, challenger = resolve_bundle(options.champion), resolve_bundle(options.challenger)
    found = compare(champion, challenger, _labelled([options.listings]))
    print(f"champion {bundle_version(champion)}, challenger {bundle_version(challenger)}")
    for row in found:
        verdict = "worse" if row.worse else "better" if row.better else "no clear difference"
        print(
            f"{row.measure:20} {row.champion:.4f} -> {row.challenger:.4f}  [{row.low:+.4f}, {row.high:+.4f}]  {verdict}"
        )
    return 1 if any(row.worse for row in found) else 0


def _calibrate(options: argparse.Namespace) -> int:
    from models.bundle import load_bundle, replace_calibration
    from training.calibrate import find_calibration
    from training.calibration_store import store_calibration

    groups = [read_labelled(path) for path in options.listings]
    folder = resolve_bundle(options.model)
    calibration = find_calibration(load_bundle(folder), groups, options.source)
    store_calibration(calibration)
    replace_calibration(folder, calibration)
    print(json.dumps(calibration.as_json(), indent=2))
    return 0


def _ablate(options: argparse.Namespace) -> int:
    from training.ablation import ablate

    groups: dict[str, Sequence[LabelledListing]] = {str(p.stem): read_labelled(p) for p in options.listings}
    print("| variant | listings | HS4 top-1 | HS4 top-5 | HS6 top-1 |\n| --- | --- | --- | --- | --- |", flush=True)
    for row in ablate(resolve_bundle(options.model), groups, options.share, options.epochs):
        print(f"| {row.variant} | {row.listings} | {row.hs4:.3f} | {row.hs4_top5:.3f} | {row.hs6:.3f} |", flush=True)
    return 0


def _publish(options: argparse.Namespace) -> int:
    if options.promote:
        if options.listings is None:
            raise ValueError("--promote compares with the champion on labelled listings: name them with --listings")
        from training.compare import compare

        worse = [
            d.measure
            for d in compare(resolve_bundle(options.champion), options.dir, _labelled([options.listings]))
            if d.worse
        ]
        if worse:
            print(f"refused: {GUARDED}: {', '.join(worse)}", file=sys.stderr)
            return 1
    print(registry.publish(options.dir))
    return 0


def _list(options: argparse.Namespace) -> int:
    for row in registry.listing():
        print("  ".join(f"{value:24}" for value in row.values()))
    return 0


def _labelled(paths: list[Path]) -> list[LabelledListing]:
    return [item for path in paths for item in read_labelled(path)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(required=True)
    train = commands.add_parser("train", help="a bundle from labelled listings, or from the knowledge base")
    train.add_argument("--listings", type=Path, nargs="+", help="labelled .csv, .jsonl or .parquet files")
    train.add_argument("--out", type=Path, required=True)
    train.add_argument("--base", help="bundle to start from (directory or tag; default: the bundle that ships)")
    train.add_argument("--encoder", help="a sentence-transformers model, by name or directory")
    train.add_argument("--only-listings", action="store_true", help="with --encoder: leave the knowledge base out")
    train.add_argument("--seed", type=int, default=0)
    train.set_defaults(run=_train)
    evaluate = commands.add_parser("evaluate", help="metrics.json and report.html on labelled listings")
    evaluate.add_argument("--listings", type=Path, required=True)
    evaluate.add_argument("--model", help=BUNDLE)
    evaluate.add_argument("--out", type=Path, required=True)
    evaluate.set_defaults(run=_evaluate)
    compare = commands.add_parser("compare", help="two bundles side by side; exit 1 where the challenger is worse")
    compare.add_argument("champion")
    compare.add_argument("challenger")
    compare.add_argument("--listings", type=Path, required=True)
    compare.set_defaults(run=_compare)
    calibrate = commands.add_parser("calibrate", help="set the scalars that ship, and those of --model")
    calibrate.add_argument("--listings", type=Path, nargs="+", required=True, help="each file weighs the same")
    calibrate.add_argument("--model", help=BUNDLE)
    calibrate.add_argument("--source", required=True, help="where the listings come from, kept with the scalars")
    calibrate.set_defaults(run=_calibrate)
    ablate = commands.add_parser("ablate", help="what each part of the model adds, as a table")
    ablate.add_argument("--listings", type=Path, nargs="+", required=True)
    ablate.add_argument("--model", help=BUNDLE)
    ablate.add_argument("--share", type=float, default=0.3, help="of the lexicon, for variants trained anew; 0: none")
    ablate.add_argument("--epochs", type=int, default=3)
    ablate.set_defaults(run=_ablate)
    publish = commands.add_parser("publish", help="put a bundle into the BentoML model store; prints its tag")
    publish.add_argument("dir", type=Path)
    publish.add_argument("--promote", action="store_true", help="refuse where it is worse than the champion")
    publish.add_argument("--champion", help=BUNDLE)
    publish.add_argument("--listings", type=Path)
    publish.set_defaults(run=_publish)
    listing = commands.add_parser("list", help="published bundles")
    listing.set_defaults(run=_list)
    return parser


if __name__ == "__main__":
    sys.exit(main())
