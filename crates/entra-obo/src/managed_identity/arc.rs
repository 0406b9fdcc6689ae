//! Azure Arc's challenge: the endpoint names a file, and the next request carries its content.
//!
//! An HTTP answer chooses the path here. So a file is read only if it stands directly in the
//! agent's own directory, ends in `.key`, is a regular file and is small; and the endpoint that
//! names it must be on the machine.

use std::fs::{self, File, Metadata};
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use http::{HeaderMap, header};

use crate::secret::Secret;

/// The endpoint of the agent unless the environment names another.
pub(super) const ENDPOINT: &str = "http://127.0.0.1:40342/metadata/identity/oauth2/token";

/// The program of the agent: with it a machine is connected.
pub(super) const AGENT: &str = "/opt/azcmagent/bin/himds";

/// No key is longer, in bytes.
const LONGEST: u64 = 4096;

/// Where the agent writes its keys, on the platforms that it runs on.
pub(super) fn key_directory() -> Option<PathBuf> {
    if cfg!(windows) {
        let data = std::env::var_os("ProgramData")?;
        return Some(PathBuf::from(data).join("AzureConnectedMachineAgent\\Tokens"));
    }
    cfg!(target_os = "linux").then(|| PathBuf::from("/var/opt/azcmagent/tokens"))
}

/// Whether an endpoint is plain http on this machine.
pub(super) fn is_local(endpoint: &str) -> bool {
    let Ok(uri) = endpoint.parse::<http::Uri>() else {
        return false;
    };
    let host = uri.host().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let loopback = bare
        .parse::<std::net::IpAddr>()
        .is_ok_and(|address| address.is_loopback());
    let plain = uri.scheme_str() == Some("http");
    let user = uri.authority().is_some_and(|a| a.as_str().contains('@'));
    plain && !user && (loopback || host == "localhost")
}

/// The answer to a challenge, or why there is none.
pub(super) fn answer(directory: &Path, headers: &HeaderMap) -> Result<Secret, &'static str> {
    let mut challenges = headers.get_all(header::WWW_AUTHENTICATE).iter();
    let (Some(challenge), None) = (challenges.next(), challenges.next()) else {
        return Err("the endpoint of Azure Arc sent no challenge, or more than one");
    };
    let realm = challenge
        .to_str()
        .ok()
        .and_then(|text| text.strip_prefix("Basic realm="))
        .ok_or("the challenge of Azure Arc names no file")?;
    read(directory, Path::new(realm))
}

fn read(directory: &Path, file: &Path) -> Result<Secret, &'static str> {
    // `..` and links are what the comparison with the directory must not be led astray by.
    let plain = |part: Component<'_>| !matches!(part, Component::ParentDir | Component::CurDir);
    let inside = file.is_absolute()
        && file.components().all(plain)
        && file.parent() == Some(directory)
        && file.extension().is_some_and(|end| end == "key");
    if !inside {
        return Err(
            "the challenge of Azure Arc names a file that is not a key of the agent's directory",
        );
    }
    let named = fs::symlink_metadata(file);
    let named = named.map_err(|_| "the key of Azure Arc cannot be read: join the group himds")?;
    if !named.is_file() {
        return Err("the key of Azure Arc is not a regular file");
    }
    let opened = File::open(file);
    let opened = opened.map_err(|_| "the key of Azure Arc cannot be read: join the group himds")?;
    let found = opened.metadata();
    let found = found.map_err(|_| "the key of Azure Arc cannot be read")?;
    if !found.is_file() || !is_same(&named, &found) {
        return Err("the key of Azure Arc was exchanged while it was opened");
    }
    let mut text = zeroize::Zeroizing::new(String::new());
    opened
        .take(LONGEST + 1)
        .read_to_string(&mut text)
        .map_err(|_| "the key of Azure Arc is not text")?;
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > LONGEST {
        return Err("the key of Azure Arc is longer than 4096 bytes");
    }
    let key = text.trim_end();
    match !key.is_empty() && key.bytes().all(|b| b.is_ascii_graphic()) {
        true => Ok(Secret::new(key.to_owned())),
        false => Err("the key of Azure Arc has characters that no header may have"),
    }
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    one.len() == other.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory of its own, gone with the test.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path =
                std::env::temp_dir().join(format!("entra-obo-arc-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
            let file = self.0.join(name);
            fs::write(&file, text).unwrap();
            file
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn challenge(text: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::WWW_AUTHENTICATE, text.parse().unwrap());
        headers
    }

    #[test]
    fn a_key_of_the_directory_is_read() {
        let folder = Folder::new("good");
        let file = folder.write("a.key", "the-content\n");
        let headers = challenge(&format!("Basic realm={}", file.display()));
        let key = answer(&folder.0, &headers).unwrap();
        assert_eq!(key.expose(), "the-content");
        folder.write("b.key", "x".repeat(4096));
        assert!(read(&folder.0, &folder.0.join("b.key")).is_ok());
    }

    #[test]
    fn no_other_file_is() {
        let folder = Folder::new("bad");
        folder.write("a.key", "good");
        folder.write("a.txt", "secret");
        folder.write("long.key", "x".repeat(4097));
        folder.write("empty.key", "\n");
        folder.write("two.key", "a b");
        folder.write("bytes.key", [0xff, 0xfe]);
        fs::create_dir_all(folder.0.join("sub.key")).unwrap();
        fs::create_dir_all(folder.0.join("below")).unwrap();
        folder.write("below/a.key", "below");
        let at = |name: &str| folder.0.join(name);
        let elsewhere = std::env::temp_dir().join("a.key");
        for file in [
            at("a.txt"),
            at("long.key"),
            at("empty.key"),
            at("two.key"),
            at("bytes.key"),
            at("sub.key"),
            at("below/a.key"),
            at("below/../a.key"),
            at("none.key"),
            at(""),
            elsewhere,
            PathBuf::from("a.key"),
            PathBuf::from("/etc/passwd"),
        ] {
            assert!(read(&folder.0, &file).is_err(), "{}", file.display());
        }
    }

    #[cfg(unix)]
    #[test]
    fn no_link_is_followed() {
        let folder = Folder::new("link");
        let target = folder.write("a.key", "secret");
        let link = folder.0.join("link.key");
        std::os::unix::fs::symlink(target, &link).unwrap();
        assert!(read(&folder.0, &link).is_err());
    }

    #[test]
    fn a_challenge_has_one_form() {
        let folder = Folder::new("form");
        let file = folder.write("a.key", "good");
        let file = file.display();
        for text in [
            format!("Bearer realm={file}"),
            format!("{file}"),
            format!("Basic realm=\"{file}\""),
            "Basic".to_owned(),
        ] {
            assert!(answer(&folder.0, &challenge(&text)).is_err(), "{text}");
        }
        let mut two = challenge(&format!("Basic realm={file}"));
        two.append(header::WWW_AUTHENTICATE, "Basic realm=b".parse().unwrap());
        assert!(answer(&folder.0, &two).is_err());
        assert!(answer(&folder.0, &HeaderMap::new()).is_err());
    }

    #[test]
    fn the_endpoint_is_on_this_machine() {
        for good in [
            ENDPOINT,
            "http://localhost:40342/metadata/identity/oauth2/token",
            "http://[::1]:1/x",
        ] {
            assert!(is_local(good), "{good}");
        }
        for bad in [
            "https://localhost:40342/x",
            "http://169.254.169.254/x",
            "http://localhost@elsewhere.example/x",
            "http://10.0.0.1/x",
            "http://localhost.example/x",
            "",
        ] {
            assert!(!is_local(bad), "{bad}");
        }
    }
}
