mod authenticator;
mod client;
mod discovery;
mod emulator;
mod key_source;
mod script;
