//! Settings that cannot work are refused when something is built from them.

use std::time::Duration;

use agent_user_context::{
    Algorithm, ContextVerifier, Issuer, IssuerConfigError, TrustedIssuer, VerifierConfigError,
};
use foundry_scopes::Audience;

use crate::support::*;

#[test]
fn an_issuer_needs_a_name_agents_scopes_and_limits_that_can_be() {
    let world = World::new();
    let builder = |url: &str| Issuer::builder(url, world.keys.clone(), world.sessions.clone());
    let a = agent_id(AGENT_A);
    assert!(builder(ISSUER).agent(a, all_scopes()).build().is_ok());
    for url in [
        "http://gateway.contoso.example",
        "gateway",
        "https://a.example?x",
        "",
    ] {
        let refused = builder(url).agent(a, all_scopes()).build();
        assert_eq!(refused.unwrap_err(), IssuerConfigError::Url, "{url}");
    }
    assert_eq!(
        builder(ISSUER).build().unwrap_err(),
        IssuerConfigError::NoAgent
    );
    assert_eq!(
        builder(ISSUER).agent(a, []).build().unwrap_err(),
        IssuerConfigError::NoAgent
    );
    let all = scope("api://orders.contoso.example/.default");
    let refused = builder(ISSUER).agent(a, [all.clone()]).build();
    assert_eq!(
        refused.unwrap_err(),
        IssuerConfigError::DefaultScope(all.to_string())
    );
    for seconds in [0, 301] {
        let refused = builder(ISSUER)
            .agent(a, all_scopes())
            .call_lifetime(Duration::from_secs(seconds))
            .build();
        assert!(
            matches!(refused, Err(IssuerConfigError::Limit { .. })),
            "{seconds}"
        );
    }
    for seconds in [0, 3601] {
        let refused = builder(ISSUER)
            .agent(a, all_scopes())
            .turn_limit(Duration::from_secs(seconds))
            .build();
        assert!(
            matches!(refused, Err(IssuerConfigError::Limit { .. })),
            "{seconds}"
        );
    }
}

#[test]
fn a_verifier_trusts_nothing_by_itself() {
    let world = World::new();
    let builder = || ContextVerifier::builder(Audience::parse(ORDERS).unwrap());
    let (keys, a) = (world.published(), agent_id(AGENT_A));
    let trusted = |url: &str| TrustedIssuer::new(url, keys.clone(), [a], [TENANT]);
    assert_eq!(
        builder().build().unwrap_err(),
        VerifierConfigError::NoIssuer
    );
    let nothing = VerifierConfigError::NothingTrusted(ISSUER.to_owned());
    let no_agent = TrustedIssuer::new(ISSUER, keys.clone(), [], [TENANT]);
    let no_tenant = TrustedIssuer::new(ISSUER, keys.clone(), [a], []);
    for issuer in [no_agent, no_tenant] {
        assert_eq!(builder().issuer(issuer).build().unwrap_err(), nothing);
    }
    let twice = builder()
        .issuer(trusted(ISSUER))
        .issuer(trusted(ISSUER))
        .build();
    assert_eq!(
        twice.unwrap_err(),
        VerifierConfigError::IssuerTwice(ISSUER.to_owned())
    );
    let plain = builder()
        .issuer(trusted("http://gateway.contoso.example"))
        .build();
    assert!(matches!(plain, Err(VerifierConfigError::Issuer(_))));
    let none = builder().issuer(trusted(ISSUER)).algorithms([]).build();
    assert_eq!(none.unwrap_err(), VerifierConfigError::NoAlgorithm);
    assert!(
        builder()
            .issuer(trusted(ISSUER))
            .algorithms([Algorithm::Es256])
            .build()
            .is_ok()
    );
    for seconds in [0, 301] {
        let refused = builder()
            .issuer(trusted(ISSUER))
            .max_lifetime(Duration::from_secs(seconds))
            .build();
        assert!(
            matches!(refused, Err(VerifierConfigError::Lifetime(_))),
            "{seconds}"
        );
    }
}
