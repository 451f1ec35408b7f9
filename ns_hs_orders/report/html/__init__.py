"""The reconciliation as one HTML file: no network, opens from a mail attachment, prints."""
