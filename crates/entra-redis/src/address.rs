//! `REDIS_URL`: which servers, of which kind, with or without TLS.

use std::fmt;

use foundry_scopes::is_loopback_host;
use url::Url;
use zeroize::Zeroizing;

/// Of Redis and of a Sentinel.
const PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26379;

/// What an address says.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) tls: bool,
    pub(crate) topology: Topology,
    pub(crate) database: i64,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<Zeroizing<String>>,
    /// Of the Sentinels, which have logins of their own.
    pub(crate) sentinel_username: Option<String>,
    pub(crate) sentinel_password: Option<Zeroizing<String>>,
    /// Servers, or Sentinels.
    pub(crate) nodes: Vec<Node>,
}

/// How the servers stand to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Topology {
    Single,
    Cluster,
    /// The name of the service that the Sentinels watch.
    Sentinel(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Address {
    /// # Errors
    ///
    /// What is wrong with it. The text holds nothing of the address: there may be a password in it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text.trim()).map_err(|error| format!("is no URL ({error})"))?;
        let (scheme, kind) = match url.scheme().split_once('-') {
            Some((scheme, kind)) => (scheme, kind),
            None => (url.scheme(), ""),
        };
        let tls = match scheme {
            "rediss" | "valkeys" => true,
            "redis" | "valkey" => false,
            _ => return Err("begins with none of redis://, rediss:// (TLS), rediss-cluster://, rediss-sentinel://".into()),
        };
        let mut nodes = vec![Node {
            host: host(&url)?,
            port: url.port().unwrap_or(if kind == "sentinel" {
                SENTINEL_PORT
            } else {
                PORT
            }),
        }];
        let (mut service, mut sentinel_username, mut sentinel_password) = (None, None, None);
        for (name, value) in url.query_pairs() {
            match &*name {
                "node" => nodes.push(node(&value)?),
                "service" | "sentinelServiceName" => service = Some(value.into_owned()),
                "sentinelUsername" => sentinel_username = Some(value.into_owned()),
                "sentinelPassword" => sentinel_password = Some(Zeroizing::new(value.into_owned())),
                _ => return Err("has a parameter that is none of node, service, sentinelUsername, sentinelPassword".into()),
            }
        }
        let topology = match (kind, service) {
            ("", None) if nodes.len() == 1 => Topology::Single,
            ("", None) => {
                return Err(
                    "names several nodes: begin it with rediss-cluster:// or rediss-sentinel://"
                        .into(),
                );
            }
            ("cluster", None) => Topology::Cluster,
            ("sentinel", Some(service)) => Topology::Sentinel(service),
            ("sentinel", None) => {
                return Err("names no service of the Sentinels: add ?service=<name>".into());
            }
            ("" | "cluster", Some(_)) => {
                return Err("names a service, and Sentinels begin with rediss-sentinel://".into());
            }
            _ => return Err("is of a kind that is neither cluster nor sentinel".into()),
        };
        let password = decoded(url.password())?.map(Zeroizing::new);
        let username = match url.username() {
            "" => None,
            name => decoded(Some(name))?,
        };
        if username.is_some() && password.is_none() {
            return Err("has a user without a password: rediss://user:password@host, or REDIS_PASSWORD_FILE".into());
        }
        let database = match url.path().trim_start_matches('/') {
            "" => 0,
            _ if topology == Topology::Cluster => {
                return Err("names a database, which a cluster does not have".into());
            }
            number => number
                .parse()
                .map_err(|_| "has a path that is no number of a database")?,
        };
        Ok(Self {
            tls,
            topology,
            database,
            username,
            password,
            sentinel_username,
            sentinel_password,
            nodes,
        })
    }

    /// Whether all that is named is this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.nodes.iter().all(|node| is_loopback_host(&node.host))
    }
}

fn host(url: &Url) -> Result<String, String> {
    match url.host_str() {
        // Brackets are those of the URL, not of the address.
        Some(host) if !host.is_empty() => Ok(host.trim_matches(['[', ']']).to_owned()),
        _ => Err("names no host".into()),
    }
}

fn node(text: &str) -> Result<Node, String> {
    let wrong = "has a node that is not host:port";
    let (host, port) = text.rsplit_once(':').ok_or(wrong)?;
    let port = port.parse().map_err(|_| wrong)?;
    let host = host.trim_matches(['[', ']']);
    match host.is_empty() {
        true => Err(wrong.into()),
        false => Ok(Node {
            host: host.to_owned(),
            port,
        }),
    }
}

/// A part in front of the host, without its escapes.
fn decoded(part: Option<&str>) -> Result<Option<String>, String> {
    let Some(part) = part else { return Ok(None) };
    // As a value of a form it would lose its plus signs.
    let form = format!("x={}", part.replace('+', "%2B"));
    let mut pairs = url::form_urlencoded::parse(form.as_bytes());
    let value = pairs.next().map(|(_, value)| value.into_owned());
    match value {
        Some(value) if !value.contains('\u{fffd}') => Ok(Some(value)),
        _ => Err("has a user or a password that is not UTF-8".into()),
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address")
            .field("tls", &self.tls)
            .field("topology", &self.topology)
            .field("nodes", &self.nodes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_of_addresses() {
        let single = Address::parse("rediss://al%40ice:p%2Bw+d%3A@cache.example:6380/3").unwrap();
        assert!(single.tls && single.topology == Topology::Single && !single.is_loopback());
        assert_eq!(single.username.as_deref(), Some("al@ice"));
        assert_eq!(
            single.password.as_deref().map(String::as_str),
            Some("p+w+d:")
        );
        assert_eq!(single.database, 3);
        let cluster =
            Address::parse("redis-cluster://127.0.0.1:7001?node=localhost:7002&node=[::1]:7003")
                .unwrap();
        assert!(!cluster.tls && cluster.topology == Topology::Cluster && cluster.is_loopback());
        assert_eq!(cluster.nodes.len(), 3);
        let sentinel =
            Address::parse("rediss-sentinel://a.example?service=mymaster&node=b.example:26380")
                .unwrap();
        assert_eq!(sentinel.topology, Topology::Sentinel("mymaster".into()));
        assert_eq!(sentinel.nodes.first().map(|node| node.port), Some(26379));
        assert!(!Address::parse("redis://127.0.0.1").is_ok_and(|address| address.tls));
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        for (text, problem) in [
            ("cache.example:6380", "begins with none of"),
            ("http://u:s3cret@cache.example", "begins with none of"),
            (
                "rediss://u:s3cret@a.example?node=b.example:1",
                "several nodes",
            ),
            ("rediss-sentinel://:s3cret@a.example", "?service=<name>"),
            ("rediss-cluster://:s3cret@a.example/2", "does not have"),
            ("rediss://:s3cret@a.example/two", "no number"),
            ("rediss://:s3cret@a.example?ssl=false", "parameter"),
            ("rediss://u@a.example", "without a password"),
            ("rediss-cluster://:s3cret@a.example?node=b", "host:port"),
            (
                "rediss-ring://:s3cret@a.example",
                "neither cluster nor sentinel",
            ),
            ("rediss://:%ff@a.example", "not UTF-8"),
            ("", "no URL"),
        ] {
            let error = Address::parse(text).unwrap_err();
            assert!(error.contains(problem), "{text}: {error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
        let address = Address::parse("redis://u:s3cret@localhost").unwrap();
        assert!(!format!("{address:?}").contains("s3cret"));
    }
}
