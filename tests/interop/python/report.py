"""Runs cases and prints one line for each."""

import traceback

_cases = []


def case(client, flow):
    """Marks a function as the case of a client and a flow."""

    def add(function):
        _cases.append((client, flow, function))
        return function

    return add


def refusals(client, flow, table, ask):
    """One case for each row (name, code, arguments) of a table; `ask(arguments)` returns the
    number that the client reports."""
    for name, code, arguments in table:

        def check(code=code, arguments=arguments):
            seen = ask(arguments)
            assert seen == code, f"reported {seen}, not {code}"

        _cases.append((client, f"{flow} refused: {name} ({code})", check))


def run():
    """Runs all; returns the process's exit code."""
    failed = 0
    for client, flow, function in _cases:
        try:
            function()
            print(f"ok {client}: {flow}", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED {client}: {flow}", flush=True)
            traceback.print_exc()
    print(f"ran {len(_cases)}", flush=True)
    return 1 if failed else 0
