"""The settings in force: the environment and `.env` files, read here and nowhere else.

Belongs here: where settings come from, and what is told where they are wrong. Does not belong here: which there are
(settings.py).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError

from ns_hs_orders.errors import ConfigError
from ns_hs_orders.settings.settings import Settings
from ns_hs_orders.settings.systems import PREFIX
from ns_hs_orders.settings.texts import sentence

SANDBOX_SETTINGS = Path("sandbox") / "settings.env"
"""In a sandbox's home: settings that go with its world, where neither the environment nor `.env` says otherwise."""


def load_settings(**overrides: Any) -> Settings:
    """The settings in force: overrides, then the environment, then `.env` in the working folder.

    In mode `sandbox`, what goes with the sandbox's world (SANDBOX_SETTINGS in the home) comes after these. Raises
    ConfigError that names each wrong or unknown variable, and in mode `live` each missing one.
    """
    try:
        unknown = _unknown_variables()
    except (OSError, ValueError) as error:
        raise ConfigError(f"The file .env cannot be read as UTF-8 text: {error}.") from None
    if unknown:
        raise ConfigError(
            f"Unknown settings in the environment or .env: {', '.join(unknown)}. "
            "The README's table lists all."
        )
    try:
        settings = Settings(**overrides)
        if settings.mode == "sandbox" and (of_world := _settings_of_world(settings.home_path)):
            settings = Settings(_env_file=(of_world, ".env"), **overrides)
    except ValidationError as error:
        raise ConfigError("These settings are wrong. " + "; ".join(_problems(error))) from None
    if settings.mode == "live" and (missing := settings.missing_for_live()):
        raise ConfigError(
            f"Mode live needs {', '.join(missing)}. Set them in the environment or in .env "
            f"(OAuth 2.0 M2M credentials, or all four of TBA), or leave out {PREFIX}MODE for the sandbox."
        )
    return settings


def _problems(error: ValidationError) -> list[str]:
    """A sentence for each wrong setting."""
    found = []
    for problem in error.errors():
        name = str(problem["loc"][0])
        field = Settings.model_fields.get(name)
        is_secret = field is not None and field.annotation is SecretStr
        found.append(sentence(f"{PREFIX}{name.upper()}", name, problem, is_secret=is_secret))
    return found


def _unknown_variables() -> list[str]:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    names = {*os.environ, *dotenv_values(".env", interpolate=False)}
    return sorted(n for n in names if n.upper().startswith(PREFIX) and n.upper() not in known)


def _settings_of_world(home: Path) -> Path | None:
    path = home / SANDBOX_SETTINGS
    try:
        dotenv_values(path, interpolate=False)
        return path if path.is_file() else None
    except (OSError, ValueError):
        return None  # what is no text of settings says nothing; the sandbox writes it anew with its world


def child_environment(**changes: str) -> dict[str, str]:
    """This process's environment with changes, for a process that it starts."""
    return {**os.environ, **changes}
