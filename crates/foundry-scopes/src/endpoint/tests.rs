use super::hosts::{self, Service, TABLE};
use super::*;
use crate::KnownCloud;

fn cloud(known: KnownCloud) -> Cloud {
    match known {
        KnownCloud::Public => Cloud::public(),
        KnownCloud::UsGovernment => Cloud::us_government(),
        KnownCloud::China => Cloud::china(),
        _ => panic!("{known} has no constructor"),
    }
}

fn home(row: &hosts::Row) -> Cloud {
    cloud(row.cloud.unwrap_or(KnownCloud::Public))
}

#[test]
fn every_row_of_the_table_is_reached_by_a_host_of_its_form() {
    for row in TABLE {
        let host = row.example();
        let found = hosts::find(&host).unwrap_or_else(|refusal| panic!("{host}: {refusal}"));
        assert!(std::ptr::eq(found.row, row), "{host} finds another row");
        assert_eq!(found.whole_host(), host);
    }
}

#[test]
fn every_row_that_takes_tokens_has_an_audience_in_its_cloud() {
    for row in TABLE {
        let text = format!("https://{}", row.example());
        let result = Endpoint::parse_in(&text, &home(row));
        match row.service {
            Service::Refused(refusal) => assert_eq!(result.unwrap_err().refusal(), refusal),
            Service::Site => {
                assert_eq!(result.unwrap_err().refusal(), EndpointRefusal::CustomApi);
            }
            Service::Portal => assert_eq!(result.unwrap_err().refusal(), EndpointRefusal::Portal),
            _ => {
                let endpoint = result.unwrap_or_else(|error| panic!("{text}: {error}"));
                assert!(endpoint.scope().is_default(), "{text}");
            }
        }
    }
}

#[test]
fn every_row_that_takes_tokens_is_refused_in_the_other_clouds() {
    let clouds = [
        KnownCloud::Public,
        KnownCloud::UsGovernment,
        KnownCloud::China,
    ];
    for row in TABLE {
        let (Some(own), false) = (
            row.cloud,
            matches!(row.service, Service::Refused(_) | Service::Portal),
        ) else {
            continue;
        };
        let text = format!("https://{}", row.example());
        for other in clouds.into_iter().filter(|other| *other != own) {
            let error = Endpoint::parse_in(&text, &cloud(other)).unwrap_err();
            assert_eq!(error.refusal(), EndpointRefusal::OtherCloud(own), "{text}");
        }
    }
}

#[test]
fn a_label_in_front_and_a_domain_behind_never_match() {
    for row in TABLE {
        let host = row.example();
        for text in [
            format!("https://{host}.evil.example/"),
            format!("https://{host}evil.example/"),
            format!("https://{host}-evil.com/"),
            format!("https://evil.example/{host}"),
        ] {
            let error = Endpoint::parse_in(&text, &home(row)).unwrap_err();
            assert_eq!(error.code(), "unknown_host", "{text}");
            assert_eq!(error.suggestion(), None, "{text}");
        }
        // A suffix begins at a dot.
        let glued = format!("evil{}", row.example_suffix());
        let same = hosts::find(&glued).is_ok_and(|found| std::ptr::eq(found.row, row));
        assert!(!same, "{glued}");
    }
}

#[test]
fn a_custom_cloud_has_no_hosts_and_a_local_one_the_public_ones() {
    let text = "https://contoso.openai.azure.com/";
    let custom = Cloud::custom(crate::CloudSpec {
        name: "AzurePublic",
        authority: "https://login.example",
        issuer_v1: "https://sts.example/{tenantid}/",
        issuer_v2: "https://login.example/{tenantid}/v2.0",
        key_cloud: None,
    })
    .unwrap();
    let error = Endpoint::parse_in(text, &custom).unwrap_err();
    assert_eq!(error.refusal(), EndpointRefusal::CustomCloud);
    let local = Cloud::loopback("http://localhost:1").unwrap();
    let endpoint = Endpoint::parse_in(text, &local).unwrap();
    assert_eq!(endpoint.base_url(), text);
}
