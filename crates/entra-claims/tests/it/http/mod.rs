mod authenticator;
mod client;
mod discovery;
mod emulator;
mod faults;
mod key_source;
#[cfg(feature = "metrics")]
mod meter;
mod registry;
mod script;
mod sources;
