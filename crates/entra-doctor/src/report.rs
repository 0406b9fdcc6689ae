//! What every answer can do.

use std::io::{self, Write};

/// An answer, for people and for machines.
///
/// ```
/// use entra_doctor::{EndpointReport, Report};
/// use foundry_scopes::Cloud;
///
/// let report = EndpointReport::of("https://contoso.openai.azure.com/", &Cloud::public());
/// assert!(report.is_fine());
/// assert!(report.to_json().contains("https://cognitiveservices.azure.com/.default"));
///
/// let mut text = Vec::new();
/// report.write(&mut text)?;
/// assert!(String::from_utf8_lossy(&text).contains("An Azure OpenAI resource"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait Report {
    /// Whether nothing is wrong as far as can be seen.
    #[must_use]
    fn is_fine(&self) -> bool;

    /// One JSON object on one line. Its members are listed in the crate's documentation,
    /// under "JSON".
    #[must_use]
    fn to_json(&self) -> String;

    /// Text for people, coloured.
    ///
    /// # Errors
    ///
    /// Whatever writing to `out` gives.
    fn write(&self, out: &mut dyn Write) -> io::Result<()>;
}
