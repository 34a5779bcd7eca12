"""`soniclayer archive`: a folder of transcripts from a terminal.

    soniclayer archive FOLDER --output OUT

Exit status: 0 every show that was found has all its feedback; 1 some have not; 2 bad input or configuration;
130 stopped with Ctrl-C. What is done is kept in each case. Files that hold no transcript are reported, no more.
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from soniclayer import personas, settings
from soniclayer.archive.bar import Bar, per_minute
from soniclayer.archive.evaluation import Evaluation, Plan, Tally, estimate
from soniclayer.archive.executors import OneProcess, Processes
from soniclayer.archive.folder import scan
from soniclayer.archive.listing import write_library
from soniclayer.archive.output import Output, basis_of
from soniclayer.archive.tables import write_tables
from soniclayer.arguments import add_evaluation
from soniclayer.errors import SettingsError
from soniclayer.evaluators.base import Context, no_store
from soniclayer.evaluators.registry import evaluator_spec
from soniclayer.phrasing import money, plural
from soniclayer.terminal import INTERRUPTED, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soniclayer.archive.executors import Executor
    from soniclayer.archive.folder import Skipped
    from soniclayer.evaluators.registry import EvaluatorSpec
    from soniclayer.settings import Settings

MOST_WORKERS = 1024
MOST_TOLD = 10  # skipped files that are named on stderr; report.csv has all


def main(argv: Sequence[str], parser: type[argparse.ArgumentParser], program: str) -> int:
    """Do what the rest of the command line asks for; returns the exit status. Raises SonicLayerError."""
    arguments = _parser(parser, program).parse_args(argv)
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        say("Stopped. Every show that was done is kept, and every answer of a chat model; run again to go on.")
        return INTERRUPTED


def _run(arguments: argparse.Namespace) -> int:
    configuration = _settings(arguments)
    spec = evaluator_spec(arguments.evaluator)
    registry = personas.load(arguments.personas or configuration.personas)
    chosen = registry.only(arguments.only or tuple(registry))
    if not arguments.folder.is_dir():
        raise SettingsError(f"{arguments.folder} is not a folder. Name one that holds transcripts.")
    with Output(arguments.output) as output:
        if arguments.output.resolve() == arguments.folder.resolve():
            raise SettingsError("The results need a folder of their own. Name another one with --output.")
        found, skipped = scan(arguments.folder, arguments.output)
        basis = basis_of(spec.id, spec.identity(configuration), arguments.segment_seconds, chosen)
        plan = Plan(found, chosen, spec.id, arguments.segment_seconds, basis, configuration)
        _check_server(spec, configuration)
        if spec.estimate is not None and not _agreed(plan, output, yes=arguments.yes):
            return 1
        return _evaluate(plan, output, skipped, arguments)


def _parser(kind: type[argparse.ArgumentParser], program: str) -> argparse.ArgumentParser:
    parser = kind(prog=f"{program} archive", description="Evaluate every transcript below a folder.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the transcripts; the content of a file decides")
    parser.add_argument(
        "--output", type=Path, metavar="OUT", required=True, help="folder of the results; run again to go on there"
    )
    add_evaluation(parser)
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--scheduler", metavar="ADDRESS", default="", help="have a Dask cluster judge: tcp://host:8786"
    )
    where.add_argument(
        "--local-workers", type=_count, metavar="N", default=0, help="a Dask cluster of N processes here"
    )
    parser.add_argument(
        "--send-key", action="store_true", help="the cluster's workers get the key of the chat server"
    )
    parser.add_argument("--max-cost", type=_money, metavar="X", help="money for all shows together; needs the prices")
    parser.add_argument("--yes", action="store_true", help="do not ask before a chat model is")
    return parser


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) <= MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes from 1 to {MOST_WORKERS}")
    return int(text)


def _money(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount of money such as 20 or 0.5")
    return value


def _settings(arguments: argparse.Namespace) -> Settings:
    configuration = settings.read()
    given = {"model": arguments.model, "thrifty": arguments.thrifty or None, "max_cost": arguments.max_cost}
    configuration = configuration.model_copy(
        update={name: value for name, value in given.items() if value is not None}
    )
    if configuration.max_cost is not None and configuration.cost(0, 0) is None:
        raise SettingsError("--max-cost needs to know what tokens cost. Set SONICLAYER_PRICE_INPUT and _OUTPUT.")
    return configuration


def _check_server(spec: EvaluatorSpec, configuration: Settings) -> None:
    """Raises SettingsError where a model server is needed and not set up, before anything is estimated or asked."""
    if spec.asks_server:
        spec.make(Context(configuration, "", no_store, lambda key, make: make()))


def _agreed(plan: Plan, output: Output, *, yes: bool) -> bool:
    """Tell the whole price before the first call, and ask whether that is meant."""
    with Bar(plan.settings, "Estimating") as bar:
        whole, shows = estimate(plan, output, bar.show)
    if not whole.calls:
        return True
    cost = plan.settings.cost(whole.input_tokens, whole.output_tokens)
    price = "no price is set" if cost is None else f"about {money(cost)}"
    limit = "" if plan.settings.max_cost is None else f", stopping at {money(plan.settings.max_cost)}"
    say(f"{plural(shows, 'show')}: {plural(whole.calls, 'call')}, {price}{limit}; less what is kept from before.")
    if yes:
        return True
    if not sys.stdin.isatty():
        raise SettingsError("Nothing was asked: nobody is there to agree to that. Say --yes.")
    say("Go on? [y/N]")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _evaluate(plan: Plan, output: Output, skipped: list[Skipped], arguments: argparse.Namespace) -> int:
    tally = Tally(len(plan.found), skipped=skipped)
    executor = _executor(plan, arguments)
    try:
        with Bar(plan.settings, "Evaluating") as bar:
            Evaluation(plan, output, executor, tally).run(lambda tally: bar.show(tally, executor.under_way))
    finally:
        executor.close()
    output.write_index()
    write_tables(output, tally.shows, tally.skipped, plan.settings)
    write_library(output, tally.shows, plan.found)
    return _conclude(plan, output, tally)


def _executor(plan: Plan, arguments: argparse.Namespace) -> Executor:
    if arguments.scheduler or arguments.local_workers:
        try:
            from soniclayer.archive.cluster import Cluster
        except ImportError as error:
            raise SettingsError(f"A cluster needs Dask: {error}. Install soniclayer[cluster].") from error
        return Cluster(
            plan.settings,
            plan.evaluator,
            address=arguments.scheduler,
            local_workers=arguments.local_workers,
            send_key=arguments.send_key,
        )
    if evaluator_spec(plan.evaluator).starts_by_itself:
        return Processes(plan.evaluator, plan.personas)
    return OneProcess(plan.settings)


def _conclude(plan: Plan, output: Output, tally: Tally) -> int:
    facts = [output.entries[content].facts for content in tally.shows]
    missing = sum(each.cells - each.judged for each in facts)
    used = tally.spent
    cost = plan.settings.cost(used.input_tokens, used.output_tokens, used.cached_tokens)
    price = f", {money(cost)}" if used.calls and cost is not None else ""
    pace = f", {per_minute(tally):.1f} shows a minute" if tally.judged else ""
    say(
        f"{plural(len(facts), 'show')}: {tally.judged:,} judged now ({plural(tally.cells, 'cell')}{pace}{price}), "
        f"{tally.held:,} held from before. Results: {output.folder}"
    )
    for each in tally.skipped[:MOST_TOLD]:
        say(f"Skipped {each.file}: {each.reason}")
    if len(tally.skipped) > MOST_TOLD:
        say(f"{plural(len(tally.skipped), 'file')} skipped in all; {output.folder / 'report.csv'} names them.")
    if tally.fatal:
        say(f"{tally.fatal} {plural(tally.unreached, 'show')} not reached.")
        return 1 if facts else 2
    if missing:
        say(f"{plural(missing, 'cell')} have no feedback. Run again to ask only those.")
    return 1 if missing or tally.broken else 0
