"""The reconciliation as tables for finance and for programs: workbook, CSV, Parquet."""
