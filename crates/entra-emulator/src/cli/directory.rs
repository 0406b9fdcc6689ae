//! `entra-emulator directory`: an example, the schema, a check; and reading of directory files.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;

use entra_emulator::Directory;

use super::{CliError, args::DirectoryArgs};

/// Prints what is asked for.
pub(super) fn run(args: &DirectoryArgs) -> Result<(), CliError> {
    let text = match &args.check {
        Some(file) => {
            let directory = read(Some(file))?;
            let count = |n: usize, what: &str| format!("{n} {what}");
            let tenants = directory.tenants().count();
            let users = directory
                .tenants()
                .flat_map(entra_emulator::Tenant::users)
                .count();
            let apps = directory
                .tenants()
                .flat_map(entra_emulator::Tenant::apps)
                .count();
            format!(
                "{} is a directory: {}, {}, {}\n",
                file.display(),
                count(tenants, "tenants"),
                count(users, "users"),
                count(apps, "apps"),
            )
        }
        None if args.schema => Directory::json_schema().to_owned(),
        None => Directory::example_toml().to_owned(),
    };
    let mut out = anstream::stdout();
    out.write_all(text.as_bytes())
        .map_err(|e| CliError::new("could not print", &e))
}

/// The directory of a file, or the demo directory.
pub(super) fn read(file: Option<&Path>) -> Result<Directory, CliError> {
    let Some(file) = file else {
        return Ok(Directory::demo());
    };
    let what = format!("the directory {}", file.display());
    let read = match file.extension().and_then(OsStr::to_str) {
        Some("toml") => Directory::from_toml,
        Some("json") => Directory::from_json,
        _ => {
            return Err(CliError::plain(
                what + ": its name must end in .toml or .json",
            ));
        }
    };
    let text = std::fs::read_to_string(file).map_err(|e| CliError::new(&what, &e))?;
    read(&text).map_err(|e| CliError::new(&what, &e))
}
