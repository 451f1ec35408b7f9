"""The command line, one module a command.

Belongs here: arguments, exit codes, what is printed where (result on stdout, progress and messages on
stderr). Does not belong here: any rule; commands call the session, Dagster's jobs, or the sandbox.
"""

from __future__ import annotations

import sys
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

    Exit codes: 0 all agrees, 1 dollars differ or something needs a person, 2 error, 130 interrupted.
    """


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


def _lines(error: Exception) -> str:
    """What is wrong, a line each, as settings and files have it; further lines are indented, so that none passes for
    another message."""
    lines = str(error).splitlines() if isinstance(error, ConfigError) else [str(error)]
    first, *more = lines or [""]
    return "\n".join(
        [inert(first, LONGEST_LINE), *(f"  {inert(line.strip(), LONGEST_LINE)}" for line in more)]
    )
