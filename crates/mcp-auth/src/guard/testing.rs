//! Authorization without a guard, for callers that tests make.

use entra_claims::{AcceptedAudiences, Requirement, TenantPolicy, Validator, VerifiedToken};
use foundry_scopes::{AppIdUri, ClientId, Cloud};

use super::authorization::Authorization;
use crate::challenge::Challenge;

impl Authorization {
    /// As of a guard in front of the API that the token is for, which accepts the token's tenant
    /// and no other, and asks for nothing by itself.
    pub(crate) fn for_test(token: &VerifiedToken) -> Self {
        let client = token.principal().client();
        let audience = token.claims().aud().and_then(|aud| {
            let of_client = ClientId::parse(aud).map(AppIdUri::api);
            of_client.or_else(|_| AppIdUri::parse(aud)).ok()
        });
        let validator = Validator::new(
            Cloud::public(),
            TenantPolicy::single(token.principal().tenant()),
            AcceptedAudiences::for_client(client),
        );
        let uri = audience.unwrap_or_else(|| AppIdUri::api(client));
        let authorization = Self::new(&validator, None, uri, Vec::new(), Challenge::bearer());
        // Never asked: the caller is let in already.
        let rule = Requirement::any_of([Requirement::delegated(), Requirement::any_role()]);
        authorization
            .clone()
            .requiring(rule)
            .unwrap_or(authorization)
    }
}
