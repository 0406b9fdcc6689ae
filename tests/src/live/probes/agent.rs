//! Questions about an agent identity, which needs its blueprint's secret.

use crate::live::probe::{Verdict, verdict};
use crate::live::tenant::Tenant;

/// Claims that tell agents from other clients.
const MARKERS: [&str; 4] = ["xms_act_fct", "xms_sub_fct", "xms_idrel", "xms_par_app_azp"];

/// The agent identity's own token for the API, whose registration asks for no optional claim.
pub(in crate::live) async fn markers(tenant: &Tenant<'_>) -> Verdict {
    let settings = tenant.settings;
    let (Some(agent), Some(blueprint), Some(secret)) = (
        &settings.agent,
        &settings.blueprint,
        &settings.blueprint_secret,
    ) else {
        return Verdict::NotAvailable("no blueprint");
    };
    let exchange = [
        ("grant_type", "client_credentials"),
        ("client_id", blueprint),
        ("client_secret", secret),
        ("scope", "api://AzureADTokenExchange/.default"),
        ("fmi_path", agent),
    ];
    let Ok(exchange) = tenant.token(&exchange).await else {
        return Verdict::Unexpected("no answer".to_owned());
    };
    let proof = exchange.json["access_token"].as_str().unwrap_or_default();
    let scope = format!("{}/.default", settings.api_uri);
    let own = [
        ("grant_type", "client_credentials"),
        ("client_id", agent),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", proof),
        ("scope", &scope),
    ];
    verdict(tenant.token(&own).await, |answer| {
        let claims = answer.claims("access_token")?;
        let any = MARKERS.iter().any(|name| claims.get(name).is_some());
        Some(if any { "present" } else { "absent" })
    })
}
