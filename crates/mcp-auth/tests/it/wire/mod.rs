//! The guard as clients and attackers meet it: over sockets, byte by byte, where a client
//! library would repair what is sent. `docs/conformance.md` lists what is covered where.

mod credentials;
mod metadata;
mod origins;
mod paths;
mod permissions;
mod platform;
mod raw;
mod server;
mod tokens;
