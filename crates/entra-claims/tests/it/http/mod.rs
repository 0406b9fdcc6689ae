mod at_once;
mod authenticator;
mod client;
mod discovery;
mod emulator;
mod external_id;
mod faults;
mod key_source;
mod many_tenants;
#[cfg(feature = "metrics")]
mod meter;
mod registry;
mod script;
mod sources;
mod tls;
mod waiting;
