//! The configuration file: who may ask, and who gets which token.

use std::error::Error;
use std::path::Path;

use mcp_auth::claims::{PrincipalKind, Requirement};
use mcp_auth::scopes::ClientId;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    callers: Callers,
    pub downstream: Vec<Downstream>,
}

/// Who may speak to the broker at all: users with one of these scopes, applications with one of these roles.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Callers {
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    roles: Vec<String>,
}

/// A token that can be had.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Downstream {
    /// What clients call it; they never name scopes.
    pub name: String,
    pub acting_as: ActingAs,
    scopes: Vec<String>,
    allow: Vec<Allow>,
}

/// As whom the token lets its holder act.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum ActingAs {
    /// The user who asks: on behalf of.
    Caller,
    /// The broker's own application.
    Broker,
}

/// Who gets it: all that is said must hold.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Allow {
    kinds: Vec<Kind>,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    clients: Vec<ClientId>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    User,
    App,
    Agent,
    AgentForUser,
    AgentUserAccount,
    UserThroughAgentClient,
}

impl From<Kind> for PrincipalKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::User => Self::User,
            Kind::App => Self::App,
            Kind::Agent => Self::Agent,
            Kind::AgentForUser => Self::AgentForUser,
            Kind::AgentUserAccount => Self::AgentUserAccount,
            Kind::UserThroughAgentClient => Self::UserThroughAgentClient,
        }
    }
}

impl Config {
    pub fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        Self::parse(&text)
    }

    pub fn parse(text: &str) -> Result<Self, Box<dyn Error>> {
        let config: Self = toml::from_str(text)?;
        if config.downstream.is_empty() {
            return Err("no [[downstream]]: the broker would give nothing to anybody".into());
        }
        for (index, downstream) in config.downstream.iter().enumerate() {
            let earlier = config.downstream.iter().take(index);
            if earlier
                .into_iter()
                .any(|other| other.name == downstream.name)
            {
                return Err(format!("downstream {:?} stands twice", downstream.name).into());
            }
        }
        Ok(config)
    }

    /// What every caller needs. A file that lists nothing makes a guard that cannot be built.
    pub fn callers(&self) -> Result<Requirement, Box<dyn Error>> {
        let scopes = self.callers.scopes.iter();
        let scopes = scopes.map(|text| Requirement::parse(text));
        let mut rules = scopes.collect::<Result<Vec<_>, _>>()?;
        rules.extend(self.callers.roles.iter().map(Requirement::role));
        Ok(Requirement::any_of(rules))
    }
}

impl Downstream {
    pub fn scopes(&self) -> String {
        self.scopes.join(" ")
    }

    /// Who gets it. Nobody, if nothing is listed.
    pub fn requirement(&self) -> Result<Requirement, Box<dyn Error>> {
        let rules = self
            .allow
            .iter()
            .map(|allow| allow.requirement(self.acting_as));
        let rules: Result<Vec<_>, _> = rules.collect();
        let rules = rules.map_err(|error| format!("downstream {:?}: {error}", self.name))?;
        Ok(Requirement::any_of(rules))
    }
}

impl Allow {
    fn requirement(&self, acting_as: ActingAs) -> Result<Requirement, Box<dyn Error>> {
        for kind in self.kinds.iter().copied().map(PrincipalKind::from) {
            match (acting_as, kind.is_delegated()) {
                (ActingAs::Caller, false) => {
                    return Err(format!(
                        "acting_as = \"caller\" needs a user, and {} has none",
                        kind.as_str()
                    )
                    .into());
                }
                // Whatever its user may do, the application may do more.
                (ActingAs::Broker, true) => {
                    return Err(format!(
                        "acting_as = \"broker\" would give {} what its user may not do",
                        kind.as_str()
                    )
                    .into());
                }
                _ => {}
            }
        }
        if self.scopes.is_empty() && self.roles.is_empty() && self.clients.is_empty() {
            return Err("say which scopes, roles or clients: a kind alone is anybody".into());
        }
        let kinds = self.kinds.iter().copied().map(PrincipalKind::from);
        let mut rules = vec![Requirement::kinds(kinds)];
        if !self.scopes.is_empty() {
            let scopes = self.scopes.iter().map(|text| Requirement::parse(text));
            rules.push(Requirement::any_of(scopes.collect::<Result<Vec<_>, _>>()?));
        }
        if !self.roles.is_empty() {
            rules.push(Requirement::any_of(
                self.roles.iter().map(Requirement::role),
            ));
        }
        if !self.clients.is_empty() {
            rules.push(Requirement::clients(self.clients.iter().copied()));
        }
        Ok(Requirement::all_of(rules))
    }
}

#[cfg(test)]
mod tests {
    use super::Config;

    const HEAD: &str = r#"
        [callers]
        scopes = ["tokens.get"]
        [[downstream]]
        name = "orders"
    "#;

    fn refusal(rest: &str) -> String {
        let config = Config::parse(&format!("{HEAD}{rest}"));
        match config.and_then(|config| config.downstream[0].requirement()) {
            Ok(requirement) => panic!("taken as {requirement}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_would_give_too_much_is_refused() {
        let caller = "acting_as = \"caller\"\nscopes = [\"api://orders/orders.read\"]\n";
        let broker = "acting_as = \"broker\"\nscopes = [\"api://orders/.default\"]\n";
        for (head, allow, said) in [
            (caller, "kinds = [\"app\"]\nroles = [\"R\"]", "needs a user"),
            (broker, "kinds = [\"user\"]\nscopes = [\"s\"]", "may not do"),
            (caller, "kinds = [\"user\"]", "a kind alone"),
            (caller, "kinds = [\"users\"]", "unknown variant"),
            (
                caller,
                "kinds = [\"user\"]\nscope = [\"s\"]",
                "unknown field",
            ),
        ] {
            let said_instead = refusal(&format!("{head}[[downstream.allow]]\n{allow}"));
            assert!(said_instead.contains(said), "{allow}: {said_instead}");
        }
    }
}
