"""Parquet between the assets: one file an asset and day, on any fsspec location.

Belongs here: splitting a run's frame by day, joining days, atomic writes. Does not belong here: what is
in the frames. Layout: `<base>/<asset>/day=YYYY-MM-DD/<asset>.parquet`; `pandas.read_parquet(<base>/<asset>)`
opens the whole.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from ns_hs_orders.defs import contracts
from ns_hs_orders.defs.failures import told_plainly
from ns_hs_orders.errors import ContractError, SyncError
from ns_hs_orders.files import private_folder, write_file

if TYPE_CHECKING:
    import fsspec
    import pandas as pd
    import pyarrow


class ParquetStorage(dg.ConfigurableIOManager):
    """Keeps each asset's frame by day, with exactly the contract's types, empty days included.

    Columns of the mapping file's fields are kept as they come; their names and types are checked before (extract, mapping).
    """

    base: str

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Writes one file a day of the run; of a reconciliation, its differences. As `save`."""
        with told_plainly():
            self.save(context.asset_key.path[-1], list(context.asset_partition_keys), obj)

    def load_input(self, context: dg.InputContext) -> pd.DataFrame:
        """The days of the run, joined. As `load`."""
        with told_plainly():
            return self.load(context.asset_key.path[-1], list(context.asset_partition_keys))

    def save(self, asset: str, days: list[str], obj: Any) -> None:
        """Replaces the files of these days by the asset's value, each in one step.

        Raises ContractError for a row whose day is not among them, or when rows out are not rows in;
        SyncError where a file cannot be written (disk full, no permission).
        """
        frame = contracts.stored_part(asset, obj)
        frame_days = contracts.days_of(frame)
        if strangers := set(frame_days[~frame_days.isin(days)].fillna("no day")):
            raise ContractError(
                f"{asset} holds rows of {', '.join(sorted(strangers))}, which this run "
                f"({days[0]} to {days[-1]}) does not cover. Nothing was written."
            )
        table = _to_arrow(asset, frame)
        written = 0
        for day in days:
            part = table.filter((frame_days == day).to_numpy(dtype=bool))
            try:
                self._write(asset, day, part)
            except OSError as error:
                raise SyncError(
                    f"{self.path(asset, day)} cannot be written: {error.strerror or error}. Check that its disk is "
                    "not full and that it can be written; then run again."
                ) from error
            written += part.num_rows
        if written != len(frame):
            raise ContractError(f"{asset}: {written} rows were written of {len(frame)}.")

    def load(self, asset: str, days: list[str]) -> pd.DataFrame:
        """These days, joined, with the contract's columns and dtypes, and the columns of the mapping file's fields.

        Raises ContractError naming a day that was never materialized, or by another version of the package.
        """
        import pyarrow

        try:
            # A day that was written before the mapping file named a field has no column for it: there it is empty.
            joined = pyarrow.concat_tables(
                [self._read(asset, day) for day in days], promote_options="default"
            )
        except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError) as error:
            raise ContractError(
                f"{asset} of {days[0]} to {days[-1]} was written under mapping files that give a field other types "
                f"({error}); materialize these days again."
            ) from error
        frame: pd.DataFrame = joined.to_pandas(types_mapper=contracts.pandas_type, date_as_object=False)
        return frame

    def path(self, asset: str, day: str) -> str:
        """Where the file of an asset and day is."""
        return f"{self.base.rstrip('/')}/{asset}/day={day}/{asset}.parquet"

    def _filesystem(self, path: str) -> tuple[fsspec.AbstractFileSystem, str]:
        import fsspec

        filesystem, inner = fsspec.core.url_to_fs(path)
        return filesystem, inner

    def _write(self, asset: str, day: str, table: pyarrow.Table) -> None:
        import pyarrow
        import pyarrow.parquet

        sink = pyarrow.BufferOutputStream()
        pyarrow.parquet.write_table(table, sink, compression="zstd")
        content = sink.getvalue().to_pybytes()
        filesystem, path = self._filesystem(self.path(asset, day))
        if "file" not in filesystem.protocol:
            filesystem.pipe_file(path, content)
            return
        private_folder(Path(path).parent)
        write_file(Path(path), content)

    def _read(self, asset: str, day: str) -> pyarrow.Table:
        import pyarrow.parquet

        filesystem, path = self._filesystem(self.path(asset, day))
        try:
            with filesystem.open(path, "rb") as file:
                table = pyarrow.parquet.ParquetFile(file).read()
        except FileNotFoundError as error:
            raise ContractError(
                f"{asset} of {day} was never materialized; materialize it first (no file {path})."
            ) from error
        except pyarrow.ArrowInvalid as error:
            raise ContractError(
                f"{path} cannot be read as Parquet ({error}); materialize {asset} of {day} again."
            ) from error
        of_contract = [field for field in table.schema if not contracts.is_added(field.name)]
        if not pyarrow.schema(of_contract).equals(contracts.arrow_schema(asset)):
            raise ContractError(
                f"{asset} of {day} was written by another version of this package, with other columns; "
                f"materialize it again ({path})."
            )
        return table


def _to_arrow(asset: str, frame: pd.DataFrame) -> pyarrow.Table:
    import pyarrow

    schema = contracts.written_schema(asset, frame)
    try:
        return pyarrow.Table.from_pandas(frame[schema.names], schema=schema, preserve_index=False)
    except (KeyError, ValueError, TypeError) as error:  # Arrow's own errors are ValueErrors and TypeErrors
        raise ContractError(f"{asset} breaks its own contract: {error}. Nothing was written.") from error
