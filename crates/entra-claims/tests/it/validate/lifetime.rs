use std::sync::Arc;
use std::time::Duration;

use entra_claims::{Clock, ConfigError, ManualClock, Reason};
use serde_json::{Value, json};

use crate::support::{NOW, keys, reason, refused, sign, user, validator, verify, with};

const HOUR: i64 = 3600;
const MINUTE: i64 = 60;

fn times(nbf: Option<i64>, exp: Option<i64>) -> Value {
    with(&user(), &[("nbf", json!(nbf)), ("exp", json!(exp))])
}

#[test]
fn the_published_lifetime_cases() {
    let n = NOW;
    for (nbf, exp) in [
        (Some(n - HOUR), n + HOUR),
        (None, n + HOUR),
        (Some(n + 2 * MINUTE), n + HOUR),
        (Some(n - 2 * MINUTE), n - MINUTE),
    ] {
        assert!(verify(&times(nbf, Some(exp))).is_ok(), "{nbf:?} {exp}");
    }
    for (nbf, exp, expected) in [
        (Some(n - HOUR), None, Reason::MissingClaim),
        (Some(n + HOUR), Some(n - HOUR), Reason::BadLifetime),
        (Some(n + HOUR), Some(n + 2 * HOUR), Reason::NotYetValid),
        (Some(n - 2 * HOUR), Some(n - HOUR), Reason::Expired),
        (Some(n + 6 * MINUTE), Some(n + HOUR), Reason::NotYetValid),
        (Some(n - 2 * HOUR), Some(n - 6 * MINUTE), Reason::Expired),
    ] {
        assert_eq!(refused(&times(nbf, exp)), expected, "{nbf:?} {exp:?}");
    }
}

#[test]
fn the_boundaries_belong_to_the_valid_side() {
    assert!(verify(&times(None, Some(NOW - 300))).is_ok());
    assert_eq!(refused(&times(None, Some(NOW - 301))), Reason::Expired);
    assert!(verify(&times(Some(NOW + 300), Some(NOW + HOUR))).is_ok());
    assert_eq!(
        refused(&times(Some(NOW + 301), Some(NOW + HOUR))),
        Reason::NotYetValid
    );
    assert!(verify(&times(Some(NOW), Some(NOW))).is_ok());
}

#[test]
fn the_leeway_can_be_smaller_and_not_much_larger() {
    let strict = validator().with_leeway(Duration::ZERO).unwrap();
    assert!(
        strict
            .verify(&sign(&times(None, Some(NOW))), &keys())
            .is_ok()
    );
    let token = sign(&times(None, Some(NOW - 1)));
    assert_eq!(reason(strict.verify(&token, &keys())), Reason::Expired);
    assert!(validator().with_leeway(Duration::from_secs(600)).is_ok());
    assert_eq!(
        validator()
            .with_leeway(Duration::from_secs(601))
            .unwrap_err()
            .to_string(),
        "leeway is 601 s, and may be 0 s to 600 s"
    );
    assert!(matches!(
        validator().with_leeway(Duration::MAX),
        Err(ConfigError::OutOfRange { .. })
    ));
}

#[test]
fn extreme_times_neither_overflow_nor_live_for_ever() {
    for exp in [i64::MIN, -1, 0, 1] {
        let expected = if exp == i64::MIN {
            Reason::Expired
        } else {
            refused(&times(None, Some(exp)))
        };
        assert_eq!(refused(&times(None, Some(exp))), expected);
        assert_eq!(expected, Reason::Expired);
    }
    for exp in [i64::MAX, i64::MAX - 1, 253_402_300_800] {
        assert_eq!(
            refused(&times(None, Some(exp))),
            Reason::BadLifetime,
            "{exp}"
        );
    }
    assert!(verify(&times(None, Some(253_402_300_799))).is_ok());
    let beyond = |nbf| {
        let refusal = verify(&times(nbf, Some(253_402_300_800))).unwrap_err();
        refusal.explain()
    };
    assert!(beyond(None).contains("no nbf, exp 253402300800"));
    assert!(beyond(Some(NOW)).contains(&format!("nbf {NOW}, exp")));
    for nbf in [i64::MIN, -1] {
        let refusal = refused(&times(Some(nbf), Some(NOW)));
        assert_eq!(refusal, Reason::BadLifetime, "{nbf}");
    }
    assert!(verify(&times(Some(0), Some(NOW))).is_ok());
    for exp in [
        "1e18",
        "1700001000.5",
        "\"1700001000\"",
        "18446744073709551615",
        "99999999999999999999",
    ] {
        let text = user().to_string().replace(
            &format!("\"exp\":{}", NOW + 3600),
            &format!("\"exp\":{exp}"),
        );
        assert!(text.contains(exp));
        let token =
            crate::support::sign_raw("signing-key", crate::support::header().to_string(), text);
        assert_eq!(
            reason(validator().verify(&token, &keys())),
            Reason::WrongType,
            "{exp}"
        );
    }
}

#[test]
fn extreme_clocks_do_not_panic() {
    for now in [
        i64::MIN,
        i64::MIN + 1,
        -1,
        0,
        1 << 33,
        i64::MAX - 1,
        i64::MAX,
    ] {
        let clock = Arc::new(ManualClock::at(now));
        let refusal = validator()
            .with_clock(clock)
            .verify(&sign(&user()), &keys())
            .unwrap_err();
        assert!(
            matches!(refusal.reason(), Reason::Expired | Reason::NotYetValid),
            "{now}"
        );
        let _ = refusal.explain();
    }
}

#[test]
fn the_expiry_is_told() {
    let token = verify(&user()).unwrap();
    assert_eq!(token.expires_at_unix(), NOW + 3600);
    assert_eq!(token.expires_at().unix_timestamp(), NOW + 3600);
}

/// For streams: exactly as long as another request with the token would be accepted.
#[test]
fn the_time_left_ends_when_the_token_is_refused() {
    let token = sign(&times(None, Some(NOW)));
    for leeway in [0, 300] {
        let clock = Arc::new(ManualClock::at(NOW));
        let validator = validator()
            .with_leeway(Duration::from_secs(leeway))
            .unwrap()
            .with_clock(Arc::clone(&clock) as Arc<dyn Clock>);
        let verified = validator.verify(&token, &keys()).unwrap();
        assert_eq!(validator.time_left(&verified).as_secs(), leeway + 1);
        clock.advance(Duration::from_secs(leeway));
        assert!(validator.verify(&token, &keys()).is_ok());
        assert_eq!(validator.time_left(&verified).as_secs(), 1);
        clock.advance(Duration::from_secs(1));
        assert_eq!(reason(validator.verify(&token, &keys())), Reason::Expired);
        assert_eq!(validator.time_left(&verified), Duration::ZERO);
        clock.set_wall(i64::MIN);
        assert!(validator.time_left(&verified) > Duration::from_secs(1 << 40));
    }
}
