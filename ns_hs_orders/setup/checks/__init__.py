"""The doctor's checks: each looks at one thing and tells what to do where it is not as it must be."""
