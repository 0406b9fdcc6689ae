mod authenticator;
mod client;
mod discovery;
mod emulator;
mod faults;
mod key_source;
mod script;
mod sources;
