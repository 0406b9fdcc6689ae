//! Display-only claims: names, addresses, hints; no decision is made by them.

use super::Claims;
use super::known::ShownClaim;

macro_rules! shown {
    ($($(#[$doc:meta])* $name:ident = $claim:ident,)*) => {
        /// Texts that decide nothing. One of another type counts as absent here;
        /// [`Claims::get`] has it as it is.
        impl Claims {
            $($(#[$doc])* #[must_use] pub fn $name(&self) -> Option<&str> {
                self.shown(ShownClaim::$claim)
            })*
        }
    };
}

shown! {
    /// `email`: **for display only.** It changes, may be unverified, and a program that takes it for
    /// an identity lets others take over accounts (Entra doc "Migrate away from using email
    /// claims for user identification or authorization").
    email = Email,
    /// `unique_name`: v1 tokens. For display only: it is not unique, and it changes.
    unique_name = UniqueName,
    /// `given_name`: for display only.
    given_name = GivenName,
    /// `family_name`: for display only.
    family_name = FamilyName,
    /// `nickname`: for display only.
    nickname = Nickname,
    /// `ctry`: the user's country, two letters. For display only.
    ctry = Ctry,
    /// `tenant_ctry`: the tenant's country, two letters.
    tenant_ctry = TenantCtry,
    /// `tenant_region_scope`: the tenant's region, for example `EU`.
    tenant_region_scope = TenantRegionScope,
    /// `xms_pl`: the user's preferred language, for example `en-us`.
    xms_pl = XmsPl,
    /// `xms_tpl`: the tenant's preferred language, for example `en`.
    xms_tpl = XmsTpl,
    /// `xms_pdl`: the user's preferred data location, three letters.
    xms_pdl = XmsPdl,
    /// `onprem_sid`: the security identifier in the domain that the user was synchronized
    /// from.
    onprem_sid = OnpremSid,
    /// `ztdid`: the device of an Autopilot deployment.
    ztdid = Ztdid,
    /// `sid`: the session that the user signed in to.
    sid = Sid,
    /// `login_hint`: to be handed on as the parameter of this name, unread.
    login_hint = LoginHint,
    /// `ipaddr`: the address that the user came from, as Entra ID saw it. A hint.
    ipaddr = Ipaddr,
    /// `fwd`: the original address of a client behind a proxy. A hint.
    fwd = Fwd,
    /// `vnet`: the virtual network that the client came from. A hint.
    vnet = Vnet,
    /// `pwd_url`: where the user changes the password. A foreign text: do not follow it.
    pwd_url = PwdUrl,
    /// `acr`: v1 tokens; `0` where the sign-in does not meet ISO/IEC 29115. Azure AD B2C writes
    /// the user flow here.
    acr = Acr,
    /// `tfp`: the user flow, in tokens of Azure AD B2C only, which are refused.
    tfp = Tfp,
    /// `aio`: for Entra ID's own use, unread.
    aio = Aio,
    /// `rh`: for Entra ID's own use, unread.
    rh = Rh,
}

/// How the client application proved who it is (`azpacr` in v2 tokens, `appidacr` in v1;
/// Entra doc "Access token claims reference").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// It did not: a public client.
    None,
    /// With a client secret.
    Secret,
    /// With a certificate; managed identities and federated credentials show as this, too.
    Certificate,
}

impl Claims {
    /// How the client application proved who it is, where the token says so.
    ///
    /// ```
    /// use entra_claims::{ClientAuthentication, UnverifiedToken};
    ///
    /// // {"alg":"RS256"} and {"azpacr":"2"}
    /// let token = UnverifiedToken::decode("eyJhbGciOiJSUzI1NiJ9.eyJhenBhY3IiOiIyIn0.c2ln")?;
    /// let proved = token.claims().client_authentication();
    /// assert_eq!(proved, Some(ClientAuthentication::Certificate));
    /// # Ok::<(), entra_claims::DecodeError>(())
    /// ```
    #[must_use]
    pub fn client_authentication(&self) -> Option<ClientAuthentication> {
        let v2 = self.shown(ShownClaim::Azpacr);
        match v2.or_else(|| self.shown(ShownClaim::Appidacr))? {
            "0" => Some(ClientAuthentication::None),
            "1" => Some(ClientAuthentication::Secret),
            "2" => Some(ClientAuthentication::Certificate),
            _ => None,
        }
    }

    /// Whether the token says that its client proved nothing: `azpacr` or `appidacr` is there, and
    /// what is there says 0.
    pub(crate) fn is_of_public_client(&self) -> bool {
        let proofs = [ShownClaim::Azpacr, ShownClaim::Appidacr];
        let said = |claim: &&ShownClaim| self.shown(**claim).is_some();
        let public = |claim: &ShownClaim| self.shown(*claim) == Some("0");
        proofs.iter().any(|claim| said(&claim)) && proofs.iter().filter(said).all(public)
    }

    fn shown(&self, claim: ShownClaim) -> Option<&str> {
        self.table.shown.get(claim as usize)?.of(&self.buffer)
    }
}
