//! What could not be reached: a managed identity's endpoint, Entra ID itself, a server whose
//! certificate the machine does not trust.

use crate::diagnosis::change::Change;
use crate::diagnosis::code::Code;
use crate::diagnosis::facts::Facts;
use crate::finding::Finding;
use crate::reading::address::Role;

use super::shared::said;

pub(super) fn reach(facts: &Facts<'_>, found: &mut Vec<Finding>) {
    let untrusted = facts.says_any(&[
        "certificate_verify_failed",
        "remote certificate is invalid",
        "untrustedroot",
        "self-signed certificate",
        "self signed certificate",
        "unable to get local issuer certificate",
        "x509: certificate signed by unknown authority",
        "pkix path building failed",
    ]);
    let unanswered = facts.says_any(&[
        "max retries exceeded",
        "connecttimeout",
        "connection timed out",
        "connect timed out",
        "no response from",
        "connection refused",
        "econnrefused",
        "enotfound",
        "failed to resolve",
        "no such host",
        "name or service not known",
        "idx20803",
        "idx20804",
        "unable to obtain configuration",
    ]);
    let of = |role: Role| {
        let mut addresses = facts.readings.iter().flat_map(|reading| &reading.addresses);
        addresses.any(|address| address.role == role)
    };
    if untrusted {
        found.push(
            said(
                Code::Unreachable,
                "the machine does not trust the certificate of the server that it calls: no token was asked for or looked at".to_owned(),
            )
            .why("a proxy that opens TLS shows a certificate of its own, or the program's list of authorities is old or missing (slim containers)")
            .change("give the program the proxy's root certificate (`REQUESTS_CA_BUNDLE`, `NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE`, the Java trust store), or take Entra ID's addresses out of the inspection; switching verification off gives the token away"),
        );
    } else if unanswered && of(Role::ManagedIdentity) {
        found.push(
            said(
                Code::CredentialUnavailable,
                "the endpoint of managed identities does not answer here".to_owned(),
            )
            .why("only machines and services of Azure with an identity have one: a developer's machine has none, and containers and proxies can cut it off")
            .change("on a developer's machine: sign in with `az login`, and leave the managed identity out of the chain")
            .change("in Azure: give the resource an identity, let 169.254.169.254 past the proxy (`NO_PROXY`), and on AKS use workload identity"),
        );
    } else if unanswered && of(Role::Authority) {
        found.push(
            said(
                Code::Unreachable,
                "Entra ID is not reached from where the program runs: no token was asked for or looked at".to_owned(),
            )
            .why("validators and clients fetch metadata and keys at the authority; a network without a way out, a proxy or a misspelt authority stops them")
            .change("allow `login.microsoftonline.com` (of the sovereign clouds their own) from that network, or name the proxy")
            .change(Change::run("try it from there", "curl -sS https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration")),
        );
    }
}
