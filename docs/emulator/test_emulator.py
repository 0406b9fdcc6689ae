# pytest: a local Entra ID for a session of tests. `entra-emulator` is on the PATH.
import json, pathlib, subprocess, time, urllib.parse, urllib.request
import pytest

@pytest.fixture(scope="session")
def entra(tmp_path_factory):
    ready = pathlib.Path(tmp_path_factory.mktemp("entra")) / "ready.json"
    process = subprocess.Popen(["entra-emulator", "--port", "0", "--json", "--ready-file", str(ready)])
    while not ready.exists():
        assert process.poll() is None
        time.sleep(0.01)
    yield json.loads(ready.read_text())
    process.terminate()

def test_a_token(entra):
    form = {"grant_type": "client_credentials", "client_id": "c0de0000-da30-4000-8000-0000000000d1",
            "client_secret": "demo-secret-of-the-daemon",
            "scope": "api://c0de0000-a4b1-4000-8000-0000000000a1/.default"}
    url = f"{entra['base_url']}/{entra['tenant']}/oauth2/v2.0/token"
    answer = json.load(urllib.request.urlopen(url, urllib.parse.urlencode(form).encode()))
    assert answer["token_type"] == "Bearer"
