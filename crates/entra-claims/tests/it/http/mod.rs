mod authenticator;
mod discovery;
mod emulator;
mod key_source;
mod script;
