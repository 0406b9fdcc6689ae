//! A local Entra ID and what stands around it.

use std::error::Error;

use entra_claims::{AcceptedAudiences, Authenticator, TenantPolicy, Validator};
use entra_emulator::{Directory, Emulator, ForgedToken, demo};
use entra_obo::{ClientCredential, ClientSecret, ExchangeClient};
use foundry_scopes::{ClientId, Cloud, TenantAuthority, TenantId};

/// The demo tenant, served by an emulator of its own.
#[derive(Debug)]
pub struct World {
    emulator: Emulator,
    authority: TenantAuthority,
}

impl World {
    /// Starts an emulator on a free port.
    ///
    /// # Errors
    ///
    /// No port to listen on.
    pub async fn start() -> Result<Self, Box<dyn Error>> {
        let emulator = Emulator::start(Directory::demo()).await?;
        let cloud = Cloud::loopback(emulator.base_url())?;
        let authority = TenantAuthority::new(cloud, TenantId::parse(demo::TENANT)?);
        Ok(Self {
            emulator,
            authority,
        })
    }

    /// The local Entra ID.
    #[must_use]
    pub fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    /// The demo tenant's authority.
    #[must_use]
    pub fn authority(&self) -> &TenantAuthority {
        &self.authority
    }

    /// An authenticator for `client`'s tokens of the demo tenant, on the system clock.
    ///
    /// # Errors
    ///
    /// A client id that is none.
    pub fn authenticator(&self, client: &str) -> Result<Authenticator, Box<dyn Error>> {
        let validator = Validator::new(
            self.authority.cloud().clone(),
            TenantPolicy::single(self.authority.tenant()),
            AcceptedAudiences::for_client(ClientId::parse(client)?),
        );
        Ok(Authenticator::new(validator)?)
    }

    /// The MCP server's exchange client.
    ///
    /// # Errors
    ///
    /// None in practice.
    pub fn exchange(&self) -> Result<ExchangeClient, Box<dyn Error>> {
        let secret = ClientSecret::new(demo::MCP_SERVER_SECRET);
        Ok(ExchangeClient::new(
            self.authority.clone(),
            ClientId::parse(demo::MCP_SERVER)?,
            ClientCredential::secret(secret),
        )?)
    }

    /// A right token of `user` for the MCP server, to be signed, or broken and signed.
    ///
    /// # Errors
    ///
    /// A user that does not exist.
    pub fn token_of(&self, user: &str) -> Result<ForgedToken, Box<dyn Error>> {
        let scopes = [demo::MCP_READ];
        Ok(self.emulator.forge().user_token(
            demo::TENANT,
            user,
            demo::MCP_CLIENT,
            demo::MCP_SERVER,
            &scopes,
        )?)
    }
}
