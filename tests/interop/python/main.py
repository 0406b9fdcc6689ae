"""The official Python clients, and Python's token validators, against the emulator."""

import logging
import sys

import azure_identity_cases  # noqa: F401  each module registers its cases
import msal_cases  # noqa: F401
import msal_credential_cases  # noqa: F401
import msal_user_cases  # noqa: F401
import validator_cases  # noqa: F401
from report import run

# The refusals are the point here, so the clients need not log them too.
logging.disable(logging.CRITICAL)
sys.exit(run())
