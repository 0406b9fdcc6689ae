//! Agents: sets of numbers in any order, with noise, or unreadable.

use std::collections::BTreeSet;

use entra_claims::{AgentEvidence, Facets, PrincipalKind, Reason};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::cases;
use crate::support::{CLIENT, app, sign, user, verify, with};

/// A facet claim: absent, unreadable, or numbers with noise around them.
fn facets() -> impl Strategy<Value = Option<String>> {
    let noise = prop_oneof![
        Just(2_u32),
        Just(3),
        Just(4),
        Just(9),
        Just(10),
        Just(15),
        Just(400)
    ];
    let number = prop_oneof![3 => noise, 1 => Just(11_u32), 1 => Just(13)];
    let list = prop::collection::vec(number, 0..5).prop_map(|list| {
        let list: Vec<_> = list.iter().map(u32::to_string).collect();
        Some(list.join(" "))
    });
    prop_oneof![
        2 => Just(None),
        6 => list,
        1 => "(1?[0-9] ){0,2}[a-z+.,-]1[13]( 1[13])?".prop_map(Some),
    ]
}

/// The numbers, if every part is one and there is one at all.
fn read(text: Option<&str>) -> Option<BTreeSet<u64>> {
    let parts: Option<BTreeSet<u64>> = text?
        .split(' ')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let digits = part.chars().all(|c| c.is_ascii_digit());
            digits.then(|| part.parse().unwrap())
        })
        .collect();
    // A number that means nothing is left out; nothing that is left is nothing known.
    parts
        .map(|set| {
            set.into_iter()
                .filter(|value| *value < 128)
                .collect::<BTreeSet<_>>()
        })
        .filter(|set| !set.is_empty())
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn a_caller_is_the_agent_that_the_claims_make_it(
        delegated in any::<bool>(), actor in facets(), subject in facets(), marker in any::<bool>(),
        proof in prop::sample::select(vec![json!(null), json!("0"), json!("1"), json!("2"), json!(0)]),
    ) {
        let base = if delegated { user() } else { app() };
        let claims = with(&base, &[
            ("xms_act_fct", json!(actor)),
            ("xms_sub_fct", json!(subject)),
            ("azpacr", proof.clone()),
            ("xms_par_app_azp", if marker { json!(CLIENT) } else { Value::Null }),
        ]);
        let (acts, is) = (read(actor.as_deref()), read(subject.as_deref()));
        let has = |set: &Option<BTreeSet<u64>>, value| set.as_ref().is_some_and(|set| set.contains(&value));
        let (agent_acts, agent_is, account) = (has(&acts, 11) || marker, has(&is, 11), has(&is, 13));
        let outcome = verify(&claims);
        // An agent identity is no user, and an agent's user account no application.
        if (account && !delegated) || (agent_is && delegated) {
            prop_assert_eq!(outcome.unwrap_err().reason(), Reason::ContradictoryClaims);
            return Ok(());
        }
        let kind = match (delegated, account, agent_acts || agent_is) {
            (true, true, _) => PrincipalKind::AgentUserAccount,
            (true, false, true) if proof == json!("0") => PrincipalKind::UserThroughAgentClient,
            (true, false, true) => PrincipalKind::AgentForUser,
            (true, false, false) => PrincipalKind::User,
            (false, _, true) => PrincipalKind::Agent,
            (false, _, false) => PrincipalKind::App,
        };
        let agent = if agent_acts || agent_is || account {
            AgentEvidence::Agent
        } else if acts.is_some() && (subject.is_none() || is.is_some()) {
            AgentEvidence::NotAgent
        } else {
            // Missing or unreadable: an agent may be behind it.
            AgentEvidence::Unknown
        };
        let token = outcome.unwrap();
        prop_assert_eq!((token.principal().kind(), token.principal().agent()), (kind, agent));
    }

    /// Order and repetition mean nothing.
    #[test]
    fn facets_are_a_set(mut numbers in prop::collection::vec(0..200_u32, 1..8)) {
        let text = |numbers: &[u32]| {
            let list: Vec<_> = numbers.iter().map(u32::to_string).collect();
            list.join("  ")
        };
        let one = Facets::parse(&text(&numbers));
        numbers.reverse();
        numbers.push(numbers[0]);
        prop_assert_eq!(one, Facets::parse(&text(&numbers)));
        let known: BTreeSet<_> = numbers.iter().copied().filter(|value| *value < 128).collect();
        match one {
            Some(set) => {
                let held: BTreeSet<_> = set.iter().map(u32::from).collect();
                prop_assert_eq!(held, known);
            }
            None => prop_assert!(known.is_empty()),
        }
    }
}

/// Facets of a wrong type are an error and no absence: they could hide an agent.
#[test]
fn facets_are_texts() {
    for name in [
        "xms_act_fct",
        "xms_sub_fct",
        "xms_tnt_fct",
        "xms_idrel",
        "xms_par_app_azp",
    ] {
        for value in [json!(11), json!(["11"]), json!({}), json!(true)] {
            let token = sign(&with(&user(), &[(name, value)]));
            let outcome = crate::support::validator().verify(&token, &crate::support::keys());
            assert_eq!(outcome.unwrap_err().reason(), Reason::WrongType, "{name}");
        }
    }
}
