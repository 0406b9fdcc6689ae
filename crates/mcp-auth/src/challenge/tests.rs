use super::*;
use entra_claims::Reason;

const METADATA: &str = "https://mcp.test/.well-known/oauth-protected-resource/mcp";

fn full() -> Challenge {
    Challenge::bearer()
        .description("the token lacks a permission")
        .claims(r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#)
        .resource_metadata(METADATA)
        .scopes(
            ["api://a/mcp.write", "api://a/mcp.read", "api://a/mcp.write"]
                .map(|s| Scope::parse(s).unwrap()),
        )
        .error(ChallengeError::InsufficientScope)
}

/// How the SDKs read a parameter: the first `name=` anywhere in the line, quoted or not.
/// All four do this; they differ in what has to stand in front of it.
fn first_match<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let at = header.find(&format!("{name}="))? + name.len() + 1;
    let value = &header[at..];
    match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => value.split([',', ' ']).next(),
    }
}

/// TypeScript 1.x and 2.x: the header's first word decides, then the first match.
fn typescript<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let (scheme, _) = header.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer")).then(|| first_match(header, name))?
}

/// Python: the first match, whatever the scheme.
fn python<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    first_match(header, name)
}

/// rmcp: the parameters behind the scheme, without regard to case.
fn rust<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let at = header.to_ascii_lowercase().find("bearer ")?;
    first_match(&header[at..], name)
}

#[test]
fn the_clients_parsers_read_what_was_meant() {
    let header = full().to_header();
    let header = header.to_str().unwrap();
    for read in [typescript, python, rust] {
        assert_eq!(read(header, "error"), Some("insufficient_scope"));
        assert_eq!(
            read(header, "scope"),
            Some("api://a/mcp.write api://a/mcp.read")
        );
        assert_eq!(read(header, "resource_metadata"), Some(METADATA));
        assert_eq!(
            read(header, "error_description"),
            Some("the token lacks a permission")
        );
    }
}

/// The same parsers on the header a careless server sends: this is why the order matters.
#[test]
fn a_description_in_front_would_be_mistaken_for_a_parameter() {
    let careless = r#"Bearer error_description="needs scope=x", scope="real""#;
    for read in [typescript, python, rust] {
        assert_ne!(read(careless, "scope"), Some("real"));
    }
    let hostile = Challenge::bearer()
        .description("see scope=x resource_metadata=\"http://evil/\" \\ \r\n")
        .scopes([Scope::parse("api://a/real").unwrap()])
        .resource_metadata(METADATA)
        .to_header();
    let hostile = hostile.to_str().unwrap();
    for read in [typescript, python, rust] {
        assert_eq!(read(hostile, "scope"), Some("api://a/real"));
        assert_eq!(read(hostile, "resource_metadata"), Some(METADATA));
        assert_eq!(
            read(hostile, "error_description"),
            Some("see scopex resource_metadatahttp://evil/  ")
        );
    }
}

#[test]
fn the_order_does_not_depend_on_the_calls() {
    let header = full().to_header();
    let header = header.to_str().unwrap();
    let place = |name: &str| header.find(&format!("{name}=")).unwrap();
    let names = [
        "error",
        "scope",
        "resource_metadata",
        "claims",
        "error_description",
    ];
    assert!(names.is_sorted_by_key(|name| place(name)), "{header}");
    assert_eq!(header.find("error=\""), Some("Bearer ".len()));
}

#[test]
fn claims_are_standard_base64_of_the_exact_json() {
    let header = full().to_header();
    let claims = first_match(header.to_str().unwrap(), "claims").unwrap();
    assert_eq!(
        claims,
        "eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiYzEifX19"
    );
}

#[test]
fn nothing_to_say_is_the_bare_scheme() {
    assert_eq!(Challenge::bearer().to_header(), "Bearer");
    assert_eq!(
        Challenge::bearer()
            .error(ChallengeError::InvalidToken)
            .to_header(),
        r#"Bearer error="invalid_token""#
    );
}

/// RFC 9470, section 3: beside the others, and nothing in it that needs escaping.
#[test]
fn step_up_as_rfc_9470_has_it() {
    let header = Challenge::bearer()
        .description("sign in again")
        .error(ChallengeError::InsufficientUserAuthentication)
        .acr_values(["urn:example:silver", "c1\" x=y"])
        .max_age(Duration::from_secs(300))
        .resource_metadata(METADATA)
        .to_header();
    assert_eq!(
        header,
        format!(
            "Bearer error=\"insufficient_user_authentication\", resource_metadata=\"{METADATA}\", \
             acr_values=\"urn:example:silver c1xy\", max_age=\"300\", error_description=\"sign in again\""
        )
        .as_str()
    );
}

/// Every reason's error has a form here: an unknown one would be answered with 500.
#[test]
fn every_reason_that_names_an_error_is_known() {
    for reason in Reason::ALL {
        if let Some(code) = reason.bearer_error() {
            assert!(ChallengeError::from_code(code).is_some(), "{reason:?}");
        }
    }
}
