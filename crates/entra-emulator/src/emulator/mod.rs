//! Starting, steering and stopping an emulator.

mod address;
mod builder;
mod control;
mod error;
mod remote;
mod running;
mod state_file;
mod token_file;

pub use builder::EmulatorBuilder;
pub use error::StartError;
pub use running::Emulator;
pub use token_file::FederatedTokenFile;
