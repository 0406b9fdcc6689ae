//! The HTTP side: routes, and what happens around each request.

mod account;
mod around;
mod authority;
mod authorize;
mod bearer;
mod control;
mod cors;
mod device;
mod discovery;
mod echo;
mod faulty;
mod graph;
mod host;
mod identity;
mod pages;
mod response;
mod sign_in;
mod token;
mod v1;

pub(crate) use echo::EchoApi;

use std::sync::Arc;

use authorize::admin_consent;
use axum::{
    Router, middleware,
    routing::{MethodRouter, any, delete, get, patch, post},
};
use graph::{agents, grants, inheritable, users};
use response::public_preflight;

use crate::state::Shared;

/// The routes of one emulator.
pub(crate) fn router(shared: Arc<Shared>, echo: EchoApi) -> Router {
    let metadata = |handler: MethodRouter<Arc<Shared>>| handler.options(public_preflight);
    let authorize = || get(authorize::authorize).post(authorize::authorize);
    let logout = || get(authorize::logout).post(authorize::logout);
    let userinfo = || get(account::userinfo).post(account::userinfo);
    let posted = |handler: MethodRouter<Arc<Shared>>| {
        handler.options(cors::preflight).fallback(token::not_post)
    };
    let routes = match echo {
        EchoApi::On => Routes::default().route("/echo/{client_id}", any(echo::echo)),
        EchoApi::Off => Routes::default(),
    };
    let routes = routes
        .route(
            "/{tenant}/v2.0/.well-known/openid-configuration",
            metadata(get(discovery::v2)),
        )
        .route(
            "/{tenant}/.well-known/openid-configuration",
            metadata(get(discovery::v1)),
        )
        .route(
            "/metadata/identity/oauth2/token",
            get(identity::imds::token),
        )
        .route(
            "/metadata/identity/oauth2/token/",
            get(identity::imds::token),
        )
        .route("/metadata/instance/compute", get(identity::imds::compute))
        .route(
            "/arc/metadata/identity/oauth2/token",
            get(identity::arc::token),
        )
        .route("/msi/token", get(identity::app_service::token))
        .route(
            "/{tenant}/discovery/instance",
            metadata(get(discovery::instance)),
        )
        .route(
            "/{tenant}/discovery/v2.0/keys",
            metadata(get(discovery::keys_v2)),
        )
        .route(
            "/{tenant}/discovery/keys",
            metadata(get(discovery::keys_v1)),
        )
        .route("/{tenant}/oauth2/v2.0/authorize", authorize())
        // Microsoft.Identity.Web writes the path so in links to consent.
        .route("/{tenant}//oauth2/v2.0/authorize", authorize())
        .route("/{tenant}/v2.0/adminconsent", get(admin_consent::v2))
        .route("/{tenant}/adminconsent", get(admin_consent::v1))
        .route("/{tenant}/oauth2/v2.0/token", posted(post(token::token)))
        .route(
            "/{tenant}/oauth2/v2.0/devicecode",
            posted(post(device::devicecode)),
        )
        .route(
            "/{tenant}/oauth2/authorize",
            get(v1::authorize).post(v1::authorize),
        )
        .route("/{tenant}/oauth2/token", posted(post(v1::token)))
        .route("/{tenant}/oauth2/devicecode", posted(post(v1::devicecode)))
        .route("/{tenant}/oauth2/checksession", get(account::checksession))
        .route("/{tenant}/kerberos", any(account::kerberos))
        .route("/devicelogin", get(device::enter).post(device::entered))
        .route("/{tenant}/oauth2/v2.0/logout", logout())
        .route("/{tenant}/oauth2/logout", logout())
        .route("/oidc/userinfo", userinfo())
        .route("/{tenant}/openid/userinfo", userinfo())
        .route("/{tenant}/userrealm/{name}", get(account::userrealm))
        .route("/error", get(pages::about_error))
        .route("/signin", post(sign_in::answer::answer))
        .route("/graph/v1.0/me", get(users::me))
        .route("/graph/v1.0/me/memberOf", get(users::my_groups))
        .route("/graph/v1.0/me/transitiveMemberOf", get(users::my_groups))
        .route(
            "/graph/v1.0/me/getMemberObjects",
            post(users::my_member_objects),
        )
        .route("/graph/v1.0/users/{id}", get(users::user))
        .route("/graph/v1.0/users/{id}/memberOf", get(users::groups_of))
        .route(
            "/graph/v1.0/users/{id}/transitiveMemberOf",
            get(users::groups_of),
        )
        .route(
            "/graph/v1.0/users/{id}/getMemberObjects",
            post(users::member_objects_of),
        )
        .route(
            "/{tenant}/users/{id}/getMemberObjects",
            post(users::overage),
        )
        .route(
            "/graph/v1.0/servicePrincipals",
            get(grants::service_principals),
        )
        .route(
            "/graph/v1.0/servicePrincipals/{id}",
            get(grants::one_service_principal)
                .post(agents::add_principal)
                .patch(agents::set_enabled),
        )
        .route(
            "/graph/beta/servicePrincipals/{kind}",
            post(agents::add_principal).patch(agents::set_enabled),
        )
        .route("/graph/beta/users", post(agents::add_agent_user))
        .route(
            "/graph/v1.0/applications/{kind}",
            get(agents::blueprints)
                .post(agents::add_blueprint)
                .patch(agents::update_blueprint),
        )
        .route(
            "/graph/v1.0/applications/{id}/addPassword",
            post(agents::add_password),
        )
        .route(
            "/graph/v1.0/applications/{id}/federatedIdentityCredentials",
            post(agents::add_federated),
        )
        .route(
            "/graph/v1.0/applications/microsoft.graph.agentIdentityBlueprint/{id}/inheritablePermissions",
            post(inheritable::add),
        )
        .route(
            "/graph/v1.0/applications/microsoft.graph.agentIdentityBlueprint/{id}/inheritablePermissions/{resource}",
            patch(inheritable::update).delete(inheritable::remove),
        )
        .route(
            "/graph/v1.0/servicePrincipals/{id}/appRoleAssignments",
            get(grants::role_assignments).post(grants::add_role_assignment),
        )
        .route(
            "/graph/v1.0/oauth2PermissionGrants",
            get(grants::permission_grants).post(grants::add_permission_grant),
        )
        .route(
            "/graph/v1.0/oauth2PermissionGrants/{id}",
            delete(grants::remove_permission_grant),
        );
    let Routes { router, paths } = routes;
    router
        .fallback(account::not_found)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&shared),
            around::around,
        ))
        .merge(control::router(&shared, paths))
        .with_state(shared)
}

/// A router that remembers its paths, so that each can be asked for its evidence.
#[derive(Default)]
struct Routes {
    router: Router<Arc<Shared>>,
    paths: Vec<&'static str>,
}

impl Routes {
    fn route(mut self, path: &'static str, handler: MethodRouter<Arc<Shared>>) -> Self {
        self.paths.push(path);
        self.router = self.router.route(path, handler);
        self
    }
}
