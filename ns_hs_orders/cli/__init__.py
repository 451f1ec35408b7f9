"""The command line, one module a command.

Belongs here: arguments, exit codes, what is printed where (result on stdout, progress and messages on
stderr). Does not belong here: any rule; commands call the session, Dagster's jobs, or the sandbox.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence

import click

from ns_hs_orders.cli.adopt import adopt
from ns_hs_orders.cli.changes import changes
from ns_hs_orders.cli.close import close
from ns_hs_orders.cli.demo import demo
from ns_hs_orders.cli.doctor import doctor
from ns_hs_orders.cli.due import due
from ns_hs_orders.cli.exceptions import exceptions
from ns_hs_orders.cli.explain import explain
from ns_hs_orders.cli.links import links
from ns_hs_orders.cli.mapping import mapping
from ns_hs_orders.cli.printing import LONGEST_LINE
from ns_hs_orders.cli.reconcile import reconcile
from ns_hs_orders.cli.rollups import rollups
from ns_hs_orders.cli.sandbox import sandbox
from ns_hs_orders.cli.setup import setup
from ns_hs_orders.cli.status import status
from ns_hs_orders.cli.sync import sync
from ns_hs_orders.cli.withdraw import withdraw
from ns_hs_orders.errors import ConfigError, SyncError
from ns_hs_orders.report.inert import inert

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="ns-hs-orders")
def cli() -> None:
    """NetSuite sales orders in HubSpot, reconciled to the cent.

    Day one: setup --plan, setup, doctor, sync of one day. At 3 a.m.: status, then doctor.

    Exit codes, the same for every command: 0 all agrees or all is done; 1 dollars differ or something needs a person; 2
    error: wrong arguments or settings, or a system that refuses or does not answer; 130 interrupted.
    """


IN_SHORT = {
    "adopt": "Orders in HubSpot that something else wrote: shown, adopted.",
    "changes": "What is reported otherwise than on an earlier day.",
    "close": "Closes a month for finance, and tells what changed since.",
    "demo": "The whole thing on this machine, without any account.",
    "doctor": "Checks both accounts, and tells what to do.",
    "due": "The orders and returns that are still to be written.",
    "exceptions": "The orders that are not right, by amount and age.",
    "explain": "The story of one order or return.",
    "links": "Each order's address in HubSpot, as CSV for NetSuite.",
    "mapping": "The field map in force, and the default one as a file.",
    "reconcile": "Reads both systems again and compares them to the cent.",
    "rollups": "Tells each company in HubSpot what it buys.",
    "sandbox": "Both emulators: serve, seed, load, edit, reset.",
    "setup": "Makes what HubSpot must have; --plan shows it.",
    "status": "One screen for whoever is on call; asks neither system.",
    "sync": "Makes HubSpot match NetSuite for some days, and proves it.",
    "withdraw": "Takes out what returns left after NS_HS_RETURNS changed.",
}
"""What the list of commands says of each, whole in 80 columns."""

for command in (
    adopt,
    changes,
    close,
    demo,
    doctor,
    due,
    exceptions,
    explain,
    mapping,
    links,
    reconcile,
    rollups,
    sandbox,
    setup,
    status,
    sync,
    withdraw,
):
    command.short_help = IN_SHORT[str(command.name)]
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; an error is one message on stderr, never a traceback."""
    try:
        code = cli.main(args=arguments, prog_name="ns-hs-orders", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show(sys.stderr)
        return EXIT_ERROR
    except SystemExit:  # click's way to end where whoever read our output is gone, as in `| head`
        return EXIT_INTERRUPTED
    except (KeyboardInterrupt, click.exceptions.Abort):
        click.echo("ns-hs-orders: interrupted", err=True)
        return EXIT_INTERRUPTED
    except OSError as error:
        what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        click.echo(f"ns-hs-orders: {inert(what, LONGEST_LINE)}", err=True)
        return EXIT_ERROR
    except Exception as error:
        # The sandbox has an error tree of its own, which is not imported here.
        if not isinstance(error, SyncError) and not type(error).__module__.startswith("ns_hs_orders.sandbox"):
            raise
        click.echo(f"ns-hs-orders: {_lines(error)}", err=True)
        return EXIT_ERROR
    return int(code or 0)


def run() -> int:
    """`main` as a process: a mistake of the program itself is an error too, while Python's own exit code of one is 1,
    which says that dollars differ."""
    try:
        return main()
    except Exception:  # noqa: BLE001 - the last place where one can be told
        traceback.print_exc()
        click.echo(
            "ns-hs-orders: this is a mistake of the program. What was written is in the state: run the command again, and "
            "report the lines above.",
            err=True,
        )
        return EXIT_ERROR


def _lines(error: Exception) -> str:
    """What is wrong, a line each, as settings and files have it; further lines are indented, so that none passes for
    another message."""
    lines = str(error).splitlines() if isinstance(error, ConfigError) else [str(error)]
    first, *more = lines or [""]
    return "\n".join(
        [inert(first, LONGEST_LINE), *(f"  {inert(line.strip(), LONGEST_LINE)}" for line in more)]
    )
