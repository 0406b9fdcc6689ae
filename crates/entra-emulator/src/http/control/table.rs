//! Every control operation: what it does, its parameters and its body.

/// One control operation.
#[derive(Clone, Copy)]
pub(super) struct Operation {
    /// Method and path.
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    /// Parameters of the query, with what they are.
    pub(super) query: &'static [(&'static str, &'static str)],
    /// The JSON Schema of the body.
    pub(super) body: Option<&'static str>,
}

const fn plain(name: &'static str, what: &'static str) -> Operation {
    Operation {
        name,
        what,
        query: &[],
        body: None,
    }
}

const fn with(name: &'static str, what: &'static str, body: &'static str) -> Operation {
    Operation {
        name,
        what,
        query: &[],
        body: Some(body),
    }
}

const fn asking(
    name: &'static str,
    what: &'static str,
    query: &'static [(&'static str, &'static str)],
) -> Operation {
    Operation {
        name,
        what,
        query,
        body: None,
    }
}

pub(super) const OPERATIONS: [Operation; 30] = [
    plain("GET /__emulator", "this list"),
    plain(
        "GET /__emulator/openapi.json",
        "this list as an OpenAPI document, with the schema of each body",
    ),
    plain("GET /__emulator/clock", "the emulator's time"),
    with(
        "POST /__emulator/clock",
        "one of advance, rewind, set, freeze_at (seconds), freeze, resume, reset (true)",
        r#"{"type":"object","minProperties":1,"maxProperties":1,"properties":{"advance":{"type":"integer","minimum":0},"rewind":{"type":"integer","minimum":0},"set":{"type":"integer"},"freeze_at":{"type":"integer"},"freeze":{"const":true},"resume":{"const":true},"reset":{"const":true}}}"#,
    ),
    asking(
        "GET /__emulator/journal",
        "requests; filters path, method, client_id, grant_type, status, error_code; wait and timeout_ms",
        &[
            ("path", "a part of the path"),
            ("method", "the method"),
            ("client_id", "the client"),
            ("grant_type", "the grant"),
            ("status", "the status of the answer"),
            ("error_code", "the number of the AADSTS error"),
            ("wait", "answers once this many match"),
            ("timeout_ms", "how long to wait; 5000 unless said"),
        ],
    ),
    plain(
        "GET /__emulator/journal/counters",
        "requests by path, client, grant, status and error",
    ),
    plain("DELETE /__emulator/journal", "forget all requests"),
    plain("GET /__emulator/faults", "faults that are not spent"),
    with(
        "POST /__emulator/faults",
        "order a fault",
        r#"{"type":"object","required":["path"],"properties":{"path":{"type":"string"},"method":{"type":"string"},"tenant":{"type":"string"},"client_id":{"type":"string"},"grant_type":{"type":"string"},"nth":{"type":"integer","minimum":1},"times":{"type":"integer","minimum":1},"always":{"type":"boolean"},"headers":{"type":"object","additionalProperties":{"type":"string"}},"status":{"type":"integer","minimum":200,"maximum":999},"aadsts":{"type":"integer"},"claims":{"type":"string"},"content_type":{"type":"string"},"body":{"type":"string"},"real":{"type":"boolean"},"delay_ms":{"type":"integer"},"close":{"type":"boolean"},"truncate":{"type":"integer"},"drip_ms":{"type":"integer"}}}"#,
    ),
    plain("DELETE /__emulator/faults", "take all faults back"),
    plain("DELETE /__emulator/faults/{id}", "take one fault back"),
    plain(
        "GET /__emulator/keys",
        "the published keys, and which one signs",
    ),
    with(
        "POST /__emulator/keys",
        "action: rotate, publish-next, drop-old or swap-under-same-kid",
        r#"{"type":"object","required":["action"],"properties":{"action":{"enum":["rotate","publish-next","drop-old","swap-under-same-kid"]}}}"#,
    ),
    with(
        "POST /__emulator/forge",
        "a token of any shape",
        r#"{"type":"object","required":["kind"],"properties":{"kind":{"enum":["user","app","id","raw"]},"tenant":{"type":"string"},"user":{"type":"string"},"client":{"type":"string"},"resource":{"type":"string"},"scopes":{"type":"array","items":{"type":"string"}},"roles":{"type":"array","items":{"type":"string"}},"version":{"enum":[1,2]},"header":{"type":"object"},"claims":{"type":"object"},"from_now":{"type":"object","additionalProperties":{"type":"integer"},"description":"claims that are times, in seconds from the emulator's now"},"key":{"enum":["live","unpublished","unpublished-under-live-kid"]},"signature":{"enum":["rs256","hs256-with-public-key","none"]}}}"#,
    ),
    with(
        "POST /__emulator/consent",
        "add consent or a role assignment",
        r#"{"type":"object","required":["tenant","resource"],"properties":{"tenant":{"type":"string"},"resource":{"type":"string"},"client":{"type":"string"},"user":{"type":"string"},"group":{"type":"string"},"scopes":{"type":"array","items":{"type":"string"}},"roles":{"type":"array","items":{"type":"string"}}}}"#,
    ),
    with(
        "DELETE /__emulator/consent",
        "take consent back",
        r#"{"type":"object","required":["tenant","client","resource"],"properties":{"tenant":{"type":"string"},"client":{"type":"string"},"resource":{"type":"string"}}}"#,
    ),
    with(
        "POST /__emulator/users",
        "enable or disable an account",
        r#"{"type":"object","required":["tenant","user","disabled"],"properties":{"tenant":{"type":"string"},"user":{"type":"string"},"disabled":{"type":"boolean"}}}"#,
    ),
    with(
        "DELETE /__emulator/users",
        "delete an account: tenant, user",
        r#"{"type":"object","required":["tenant","user"],"properties":{"tenant":{"type":"string"},"user":{"type":"string"}}}"#,
    ),
    with(
        "POST /__emulator/device-codes",
        "approve a device code (user_code, tenant, user) or decline it (user_code alone)",
        r#"{"type":"object","required":["user_code"],"properties":{"user_code":{"type":"string"},"tenant":{"type":"string"},"user":{"type":"string"}}}"#,
    ),
    with(
        "DELETE /__emulator/sessions",
        "end the sessions of a user: tenant, user, because (revoked or password-changed)",
        r#"{"type":"object","required":["tenant","user"],"properties":{"tenant":{"type":"string"},"user":{"type":"string"},"because":{"enum":["revoked","password-changed"]}}}"#,
    ),
    plain(
        "GET /__emulator/managed-identity",
        "where the metadata endpoints are, their secret and state",
    ),
    with(
        "POST /__emulator/managed-identity",
        "state: ready, not-ready, updating, throttled, failing or unavailable",
        r#"{"type":"object","required":["state"],"properties":{"state":{"enum":["ready","not-ready","updating","throttled","failing","unavailable"]}}}"#,
    ),
    plain("GET /__emulator/directory", "a snapshot of the directory"),
    with(
        "POST /__emulator/directory",
        "another directory, of a snapshot's shape",
        r##"{"$ref":"#/components/schemas/directory"}"##,
    ),
    plain(
        "POST /__emulator/reset",
        "everything as it was at the start",
    ),
    with(
        "POST /__emulator/policies",
        "add or replace a Conditional Access policy: tenant, policy (id, requirement, resources, users, contexts, enabled)",
        r#"{"type":"object","required":["tenant","policy"],"properties":{"tenant":{"type":"string"},"policy":{"$ref":"urn:entra-emulator:directory#/$defs/policy"}}}"#,
    ),
    with(
        "DELETE /__emulator/policies",
        "remove a Conditional Access policy: tenant, id",
        r#"{"type":"object","required":["tenant","id"],"properties":{"tenant":{"type":"string"},"id":{"type":"string"}}}"#,
    ),
    with(
        "POST /__emulator/assignment",
        "whether an app demands assignment: tenant, app, assignment (required or optional)",
        r#"{"type":"object","required":["tenant","app","assignment"],"properties":{"tenant":{"type":"string"},"app":{"type":"string"},"assignment":{"enum":["required","optional"]}}}"#,
    ),
    asking(
        "GET /__emulator/environment",
        "what points a client library at it: for, tenant, client, ca_file, format",
        &[
            ("for", "the client library, or managed-identity"),
            ("tenant", "the tenant, by id or domain"),
            ("client", "the app of the program, by client id"),
            ("ca_file", "where the CA certificate was written"),
            ("format", "dotenv, sh or powershell"),
        ],
    ),
    plain(
        "GET /__emulator/schema.json",
        "the JSON Schema of directories",
    ),
];
