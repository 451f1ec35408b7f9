"""Where reports are kept: a folder of this machine or any fsspec address, and each file there whole or not at all.

Belongs here: putting a finished document in its place. Does not belong here: what is in it, or settings.
"""

from __future__ import annotations

from pathlib import Path

from ns_hs_orders.errors import SyncError
from ns_hs_orders.files import private_folder, write_file


def put(location: str, name: str, content: bytes) -> str:
    """Replaces `name` at the location in one step, and returns its address.

    Raises SyncError where it cannot be written (disk full, no permission, no driver for the address).
    """
    import fsspec

    address = f"{location.rstrip('/')}/{name}"
    try:
        filesystem, path = fsspec.core.url_to_fs(address)
        if "file" in filesystem.protocol:
            private_folder(Path(path).parent)
            write_file(Path(path), content)
            return str(path)
        filesystem.pipe_file(path, content)
    except (
        OSError,
        ImportError,
        ValueError,
    ) as error:  # fsspec: ImportError for a driver, ValueError for a scheme
        told = getattr(error, "strerror", None) or error
        raise SyncError(
            f"The report {address} cannot be written: {told}. Check that the place of reports (NS_HS_REPORTS) exists, is "
            "not full and can be written, and that the driver of its address is installed; then run again."
        ) from error
    return address
