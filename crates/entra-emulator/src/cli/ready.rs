//! What scripts read about an emulator that answers.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use entra_emulator::Emulator;
use serde_json::{Value, json};

use super::CliError;

/// Where it is, as JSON.
pub(super) fn facts(emulator: &Emulator, ca_file: Option<&Path>) -> Value {
    let base_url = emulator.base_url();
    let port = base_url.rsplit(':').next();
    let port: Option<u16> = port.and_then(|port| port.parse().ok());
    let directory = emulator.directory();
    let tenant = directory.tenants().next().map(|t| t.id().to_owned());
    // Programs are started elsewhere.
    let absolute = |file: &Path| std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    json!({
        "base_url": base_url,
        "port": port,
        "metadata_base_url": emulator.metadata_base_url(),
        "identity_endpoint": emulator.identity_endpoint(),
        "control_url": format!("{base_url}/__emulator"),
        "tenant": tenant,
        "ca_file": ca_file.map(|file| absolute(file).display().to_string()),
        "ca_pem": emulator.ca_certificate_pem(),
        "pid": std::process::id(),
        "control_token": emulator.control_token(),
        "sign_in_password": emulator.sign_in_password(),
    })
}

/// One line on standard output.
pub(super) fn print(facts: &Value) -> std::io::Result<()> {
    let mut out = anstream::stdout().lock();
    writeln!(out, "{facts}")?;
    out.flush()
}

/// A file that says that requests are answered, while this lives.
pub(super) struct ReadyFile(PathBuf);

impl ReadyFile {
    /// Writes it at once: whoever sees it reads all of it.
    pub(super) fn write(file: PathBuf, facts: &Value) -> Result<Self, CliError> {
        let what = format!("could not write the ready file {}", file.display());
        let mut next = file.as_os_str().to_owned();
        next.push(".next");
        let text = format!("{facts}\n");
        private(Path::new(&next))
            .and_then(|mut next| next.write_all(text.as_bytes()))
            .and_then(|()| std::fs::rename(&next, &file))
            .map_err(|e| CliError::new(what, &e))?;
        Ok(Self(file))
    }
}

impl Drop for ReadyFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A new file for its owner alone: beyond loopback there are secrets in it.
fn private(file: &Path) -> std::io::Result<std::fs::File> {
    let _ = std::fs::remove_file(file);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(file)
}
