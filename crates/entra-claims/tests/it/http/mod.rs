mod authenticator;
mod discovery;
mod key_source;
mod script;
