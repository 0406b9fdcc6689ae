"""Certificates and assertions that prove who a client is."""

import base64
import time
import uuid

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from world import API, AUTHORITY, WORLD, pem

TOKEN_ENDPOINT = f"{AUTHORITY}/oauth2/v2.0/token"


def thumbprint(name):
    certificate = x509.load_pem_x509_certificate(pem(f"test-only-{name}.cert.pem").encode())
    return certificate.fingerprint(hashes.SHA1()).hex()


def certificate(name="client", legacy=False):
    """As msal takes it: with the certificate it signs PS256, with a thumbprint RS256."""
    key = pem(f"test-only-{name}.key.pem")
    if legacy:
        return {"private_key": key, "thumbprint": thumbprint(name)}
    return {"private_key": key, "public_certificate": pem(f"test-only-{name}.cert.pem")}


def assertion(**changes):
    """A client assertion made by hand; claims can be changed."""
    now = int(time.time())
    claims = {
        "aud": TOKEN_ENDPOINT,
        "iss": API["id"],
        "sub": API["id"],
        "jti": str(uuid.uuid4()),
        "nbf": now,
        "exp": now + 300,
        **changes,
    }
    headers = {"x5t": _x5t()}
    return jwt.encode(claims, pem("test-only-client.key.pem"), "RS256", headers)


def _x5t():
    return base64.urlsafe_b64encode(bytes.fromhex(thumbprint("client"))).decode().rstrip("=")


def federated(**changes):
    """A token of the foreign issuer."""
    now = int(time.time())
    claims = {
        "iss": WORLD["federated"]["issuer"],
        "sub": WORLD["federated"]["subject"],
        "aud": ["api://AzureADTokenExchange"],
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
        **changes,
    }
    headers = {"kid": WORLD["federated"]["kid"]}
    return jwt.encode(claims, pem("test-only-issuer.key.pem"), "RS256", headers)
