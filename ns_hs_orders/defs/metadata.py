"""Metadata of materializations: rows and sums by day, formatted for people.

Belongs here: what the UI shows beside a materialization. Does not belong here: the figures' rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import dagster as dg

from ns_hs_orders.defs import contracts
from ns_hs_orders.defs.day_parts import Days

MOST_ROWS = 10

if TYPE_CHECKING:
    import pandas as pd

    from ns_hs_orders.live.report import LiveReport
    from ns_hs_orders.reconcile.risk import RiskRow
    from ns_hs_orders.reconcile.schema import Reconciliation
    from ns_hs_orders.rollups.result import RollupRun
    from ns_hs_orders.trust.write import TrustWritten


def sums_text(frame: pd.DataFrame) -> str:
    """Sums of `total_minor` by currency: `1,234.50 USD · 10 EUR`; rows without an amount are counted apart."""
    from ns_hs_orders import money

    frame = _under_order_names(frame)
    if "total_minor" not in frame.columns or frame.empty:
        return ""
    known = frame[frame["total_minor"].notna() & frame["currency"].notna()]
    parts = [
        money.shown(int(minor), str(currency))
        for currency, minor in known.groupby("currency")["total_minor"].sum().items()
    ]
    if unknown := len(frame) - len(known):
        parts.append(f"{unknown} without a readable amount")
    return " · ".join(parts)


def _under_order_names(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame of whole returns with the names that frames of orders have, so that both are told alike."""
    if "return_number" not in frame.columns:
        return frame
    names = {"return_number": "order_number", "amount_minor": "total_minor"}
    kept = [one for one in frame.columns if one not in names.values()]
    return frame[kept].set_axis([names.get(one, one) for one in kept], axis="columns")


def add_day_metadata(
    context: dg.AssetExecutionContext,
    asset: str,
    frame: pd.DataFrame,
    of_run: Mapping[str, Any] | None = None,
    *,
    by_day: Callable[[date, pd.DataFrame], Mapping[str, Any]] | None = None,
) -> None:
    """Adds to each day's materialization what `by_day` tells, then rows, sums by currency and `of_run`.

    The asset page keeps this order. The columns are told once a run, with its last day: the page shows
    those of the latest materialization.
    """
    days = Days([frame])
    for day in context.partition_keys:
        on = date.fromisoformat(day)
        (part,) = days.of(on)
        metadata: dict[str, Any] = dict(by_day(on, part)) if by_day else {}
        metadata["dagster/row_count"] = len(part)
        if text := sums_text(part):
            metadata["sums by currency"] = text
        if day == context.partition_keys[-1]:
            metadata["dagster/column_schema"] = contracts.table_schema(asset, frame)
        context.add_asset_metadata(
            metadata | told_of_run(context, of_run or {}), asset_key=asset, partition_key=day
        )


def place(address: str) -> dg.MetadataValue[str]:
    """Where a file is, as the UI shows it: a link, or a path of this machine."""
    return dg.MetadataValue.url(address) if "://" in address else dg.MetadataValue.path(address)


def told_of_run(context: dg.AssetExecutionContext, of_run: Mapping[str, Any]) -> dict[str, Any]:
    """What is the same for each day of a run: its window, and `of_run`, where figures are the whole run's."""
    first, last = context.partition_keys[0], context.partition_keys[-1]
    return {"window": first if first == last else f"{first} to {last}", **of_run}


def notes_of(asset: str) -> Callable[[date, pd.DataFrame], Mapping[str, Any]] | None:
    """What is told of each day of an asset beside rows and sums; None where that is all."""
    return held_notes if asset.startswith(("quarantined_", "skipped_")) else None


def held_notes(_day: date, held: pd.DataFrame) -> dict[str, Any]:
    """The ten largest held orders of a day, and how many there are by reason."""
    from ns_hs_orders import money
    from ns_hs_orders.report.markdown import table

    held = _under_order_names(held)
    if held.empty:
        return {}
    largest = held.sort_values("total_minor", ascending=False, na_position="last").head(MOST_ROWS)
    rows = [
        (
            number,
            customer,
            "amount unknown" if pd_isna(minor) or pd_isna(currency) else money.shown(int(minor), currency),
            explanation,
        )
        for number, customer, minor, currency, explanation in zip(
            largest["order_number"].fillna("?"),
            largest["customer_name"].fillna("?"),
            largest["total_minor"],
            largest["currency"],
            largest["explanation"],
            strict=True,
        )
    ]
    return {
        "by reason": ", ".join(f"{reason} {n}" for reason, n in held["reason"].value_counts().items()),
        "orders": dg.MetadataValue.md(table(("order", "customer", "amount", "why"), rows)),
    }


def outcome_notes(_day: date, results: pd.DataFrame) -> dict[str, Any]:
    """How many orders had which outcome on a day, and which were refused."""
    results = _under_order_names(results)
    counts = results["outcome"].value_counts()
    notes: dict[str, Any] = {str(outcome): int(n) for outcome, n in counts.items()}
    refused = results[results["outcome"].isin(("rejected", "due"))].head(MOST_ROWS)
    if len(refused):
        from ns_hs_orders.report.markdown import table

        rows = zip(
            refused["order_number"].fillna("?"),
            refused["outcome"],
            refused["explanation"].fillna(""),
            strict=True,
        )
        notes["refused or due"] = dg.MetadataValue.md(table(("order", "outcome", "why"), list(rows)))
    return notes


def verification_notes(context: dg.AssetExecutionContext, trust: TrustWritten) -> dict[str, Any]:
    """What orders in HubSpot were told of their dollars; what went wrong is a warning, never a failure."""
    for warning in trust.warnings:
        context.log.warning(warning)
    told: dict[str, Any] = {"orders told in HubSpot whether they are verified": trust.written}
    return told | ({"not told": " ".join(trust.warnings)} if trust.warnings else {})


def reconciliation_notes(
    of_day: Reconciliation,
    of_run: Reconciliation,
    risks: Sequence[RiskRow],
    delays: Sequence[float],
    report: Mapping[str, Any],
) -> dict[str, Any]:
    """One day's reconciliation for reading: sentence and sums first, the bridge, money at risk, then what differs.

    risks: of the run, the heaviest first. report: where the report of the run is; it stands before what is plotted. delays: seconds that changes of the day's orders took to HubSpot.

    The last day of a run over several days tells the sums of the whole run first, since it is the one that
    the asset page opens with. Figures that are plotted by day are in minor units: nothing to round.
    """
    from ns_hs_orders.report import chart, figures, markdown

    notes: dict[str, Any] = {}
    if of_day.last == of_run.last and of_run.first != of_run.last:
        notes["summary of the whole run"] = dg.MetadataValue.md(markdown.summary(of_run))
    notes["summary"] = dg.MetadataValue.md(markdown.summary(of_day))
    notes |= report
    if picture := chart.chart(of_day):
        notes["bridge chart"] = dg.MetadataValue.md(picture)
    of_this_day = [one for one in risks if one.order_on == of_day.last]
    if of_this_day:
        notes["money at risk"] = dg.MetadataValue.md(markdown.money_at_risk(of_this_day))
        notes["records"] = dg.MetadataValue.md(markdown.links(of_this_day))
    if len(of_day.differences):
        notes["differences"] = dg.MetadataValue.md(markdown.largest_differences(of_day))
        notes["what to do"] = dg.MetadataValue.md(markdown.to_do(of_day))
    if of_day.currencies:
        notes["proof"] = dg.MetadataValue.md(markdown.proof(of_day))
        notes["bridge"] = dg.MetadataValue.md(markdown.bridge(of_day))
    notes |= _net_notes(of_day, of_run)
    if of_day.currencies:
        notes["held back"] = dg.MetadataValue.md(markdown.held_back(of_day))
    notes["accepted orders"] = sum(sums.orders_accepted for sums in of_day.currencies.values())
    notes["orders that differ"] = figures.orders_that_differ(of_day)
    notes["orders held back"] = sum(
        count
        for outcome, count in of_day.outcomes.items()
        if outcome not in ("created", "updated", "unchanged")
    )
    notes["orders at risk"] = len(of_this_day)
    if delays:
        notes["delay p95 in seconds"] = sorted(delays)[-(-len(delays) * 95 // 100) - 1]
    for code, sums in of_day.currencies.items():
        notes[f"{code} difference in minor units"] = sums.difference_minor
        notes[f"{code} unexplained in minor units"] = sums.unexplained_minor
        notes[f"{code} at risk in minor units"] = sum(
            one.at_risk_minor or 0 for one in of_this_day if one.currency == code
        )
    return notes


def _net_notes(of_day: Reconciliation, of_run: Reconciliation) -> dict[str, Any]:
    """Net sales of a day: its bridges, groups and the returns to look at, then figures that are plotted by day."""
    from ns_hs_orders.report import markdown, net_figures

    if of_day.net is None:
        return {}
    notes: dict[str, Any] = {}
    if of_day.net.sums:
        notes["net bridge"] = dg.MetadataValue.md(markdown.net_bridges(of_day))
        notes["net sales by rep, company and store"] = dg.MetadataValue.md(markdown.net_groups(of_day))
        notes["returns"] = dg.MetadataValue.md(markdown.returns(of_day))
    if of_day.last == of_run.last and of_run.first != of_run.last:
        notes["net sales of the whole run"] = dg.MetadataValue.md(markdown.net_groups(of_run))
    notes["returns that differ"] = net_figures.returns_that_differ(of_day.net)
    for code, sums in of_day.net.sums.items():
        notes[f"{code} gross in minor units"] = sums.gross.sales_netsuite_minor
        notes[f"{code} returned in minor units"] = sums.returned.returned_netsuite_minor
        notes[f"{code} net in minor units"] = sums.net_netsuite_minor
        notes[f"{code} net difference in minor units"] = sums.difference_minor
    return notes


def change_notes(found: LiveReport) -> dict[str, Any]:
    """A live run for reading: a sentence first, then figures that are plotted over runs, in seconds."""
    notes: dict[str, Any] = {"summary": found.summary}
    if found.just_arrived.arrived:
        notes |= {
            "delay p50 in seconds": found.just_arrived.p50,
            "delay p95 in seconds": found.just_arrived.p95,
            "delay max in seconds": found.just_arrived.longest,
        }
    notes["changes that arrived"] = found.just_arrived.arrived
    notes["orders due"] = found.waiting
    if found.lately.arrived:
        notes["last 24 hours"] = (
            f"{found.lately.arrived:,} changes: p50 {found.lately.p50} s, p95 {found.lately.p95} s, "
            f"max {found.lately.longest} s"
        )
    if found.done is not None:
        notes |= {str(outcome): count for outcome, count in sorted(found.done.outcomes.items())}
        notes |= {"looks": found.done.looks, "rounds": found.done.rounds}
        if found.done.failures:
            notes["times that a system did not answer"] = found.done.failures
    return notes | {"mode": found.mode, **found.calls}


def outcome_records(results: pd.DataFrame) -> list[dict[str, str | int | None]]:
    """One plain record an order: id, number, outcome, amount, reason, explanation, order_id_hubspot."""
    from ns_hs_orders import money

    records: list[dict[str, str | int | None]] = []
    for row in results.to_dict("records"):
        plain: dict[str, Any] = {str(k): None if pd_isna(v) else v for k, v in row.items()}
        amount = plain["total_minor"] is not None and plain["currency"] is not None
        records.append(
            {
                "id": plain["order_id_netsuite"],
                "number": plain["order_number"],
                "outcome": plain["outcome"],
                "amount": money.shown(int(plain["total_minor"]), plain["currency"]) if amount else None,
                "reason": plain["reason"],
                "explanation": plain["explanation"],
                "order_id_hubspot": plain["order_id_hubspot"],
            }
        )
    return records


def pd_isna(value: object) -> bool:
    """Whether a cell is empty, whatever its dtype."""
    import pandas as pd

    return bool(pd.isna(value))  # type: ignore[call-overload]


def rollup_notes(run: RollupRun, calls: Mapping[str, int]) -> dict[str, Any]:
    """What a run of the company roll-ups came to."""
    from ns_hs_orders.report.markdown import table

    counts = run.counts
    notes: dict[str, Any] = {
        "summary": run.sentence,
        "as of": run.as_of.isoformat(),
        "written": run.written,
        "healed": counts.get("healed", 0),
        "unchanged": counts.get("unchanged", 0),
        "refused": counts.get("refused", 0),
        "not told": len(run.not_told),
        "still due": run.still_due,
        **calls,
    }
    if run.not_told:
        rows = [
            (one.company_name, one.company_id, one.outcome, one.reason) for one in run.not_told[:MOST_ROWS]
        ]
        notes["companies not told"] = dg.MetadataValue.md(table(("company", "id", "outcome", "why"), rows))
    return notes
