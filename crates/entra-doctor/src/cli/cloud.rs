//! `--cloud`, the same for every command.

use clap::{Args, ValueEnum};
use foundry_scopes::Cloud;

#[derive(Args)]
pub(crate) struct CloudOption {
    /// The cloud it should be in
    #[arg(long, value_enum, default_value_t = CloudName::Public)]
    cloud: CloudName,
}

#[derive(Clone, Copy, ValueEnum)]
enum CloudName {
    Public,
    Usgov,
    China,
}

impl CloudOption {
    pub(crate) fn cloud(&self) -> Cloud {
        match self.cloud {
            CloudName::Public => Cloud::public(),
            CloudName::Usgov => Cloud::us_government(),
            CloudName::China => Cloud::china(),
        }
    }
}
