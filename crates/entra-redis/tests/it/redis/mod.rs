//! Against real Redis servers, which the tests start.

mod cluster;
mod faults;
mod login;
mod sentinel;
mod server;
mod single;
mod tls;
