//! What a token says, for people and machines.

mod claims;
mod facts;
pub(crate) mod findings;
pub(crate) mod when;
mod words;

use std::io::{self, Write};

use entra_claims::{DecodeError, KindGuess, UnverifiedToken};
use serde_json::{Value, json};

use crate::finding::{Finding, Severity};
use crate::input::{self, InputError};
use crate::reading::single;
use crate::reading::token::{self, Form};
use crate::render::{self, ALARM, BOLD, GOOD, Report};

use facts::Fact;

/// What there is to say about a token that was decoded and not verified.
///
/// ```
/// use entra_claims::{KindGuess, PrincipalKind};
/// use entra_doctor::{Report, TokenReport};
///
/// # let token = concat!(
/// #     "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.",
/// #     "eyJhdWQiOiJodHRwczovL2FpLmF6dXJlLmNvbSIsImFwcGlkIjoiMTExMTIyMjItYmJiYi0zMzMzLWNjY2MtNDQ0NGRkZGQ1NTU1IiwiZXhwIjoxNzAwMDAwMDAwLCJzY3AiOiJ1c2VyX2ltcGVyc29uYXRpb24ifQ.",
/// #     "c2lnbmF0dXJl"
/// # );
/// let report = TokenReport::read(&format!("Bearer {token}"), 1_699_999_000)?;
/// assert_eq!(report.kind(), KindGuess::Access(PrincipalKind::User));
/// assert!(report.to_json().contains("\"verified\":false"));
/// # Ok::<(), entra_doctor::InputError>(())
/// ```
#[derive(Debug)]
pub struct TokenReport {
    kind: KindGuess,
    because: String,
    header: Vec<Fact>,
    claims: Vec<Fact>,
    findings: Vec<Finding>,
    unredacted: bool,
}

impl TokenReport {
    /// Reads a token as it was pasted, `Bearer` and quotes included, at `now` in Unix
    /// seconds.
    ///
    /// # Errors
    ///
    /// No token, or a text that cannot be decoded as one.
    pub fn read(text: &str, now: i64) -> Result<Self, InputError> {
        let bare = input::bare(text);
        if bare.is_empty() {
            return Err(InputError::Nothing);
        }
        let (token, form) = decoded(text, bare).map_err(InputError::not_a_token)?;
        let kind = token.kind_guess();
        Ok(Self {
            kind,
            because: words::because(kind, &token),
            header: facts::header(token.header()),
            claims: claims::facts(token.claims(), kind, now),
            findings: findings::of(&token, kind, now, form),
            unredacted: false,
        })
    }

    /// The same report with names, addresses and the values of claims that are not documented.
    /// Without this they are hidden, since people paste reports into tickets. The token itself
    /// and its signature are never in a report.
    ///
    /// ```
    /// use entra_doctor::{Report, TokenReport};
    ///
    /// // {"alg":"RS256"} and {"name":"Alice"}
    /// let token = "eyJhbGciOiJSUzI1NiJ9.eyJuYW1lIjoiQWxpY2UifQ.c2ln";
    /// let report = TokenReport::read(token, 0)?;
    /// assert!(!report.to_json().contains("Alice"));
    /// assert!(report.unredacted().to_json().contains("Alice"));
    /// # Ok::<(), entra_doctor::InputError>(())
    /// ```
    #[must_use]
    pub fn unredacted(self) -> Self {
        Self {
            unredacted: true,
            ..self
        }
    }

    /// What kind of token the claims suggest.
    #[must_use]
    pub fn kind(&self) -> KindGuess {
        self.kind
    }

    /// What was noticed, problems first.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

/// The token as it was pasted; else the one token that stands in the text, folded, in JSON,
/// without its signature or decoded.
fn decoded(text: &str, bare: &str) -> Result<(UnverifiedToken, Form), DecodeError> {
    let found = UnverifiedToken::decode(bare);
    if !input::has_blanks(bare)
        && let Ok(token) = found
    {
        return Ok((token, Form::Whole));
    }
    let several = token::find(text).len() > 1;
    let one = single::one(text).filter(|one| !several && one.form != Form::Shortened);
    let read = one.and_then(|one| Some((UnverifiedToken::decode(&one.text).ok()?, one.form)));
    match (read, found) {
        (Some(read), _) => Ok(read),
        // Two tokens, or one with something else: "not base64url" would be true and no help.
        (None, Ok(_) | Err(DecodeError::Base64(_))) if input::has_blanks(bare) => {
            Err(DecodeError::Blanks)
        }
        (None, Ok(token)) => Ok((token, Form::Whole)),
        (None, Err(error)) => Err(error),
    }
}

impl Report for TokenReport {
    fn is_fine(&self) -> bool {
        let problem = |finding: &Finding| finding.severity() == Severity::Problem;
        !self.findings.iter().any(problem)
    }

    fn to_json(&self) -> String {
        let value = |fact: &Fact| fact.to_value(self.unredacted);
        let list = |facts: &[Fact]| facts.iter().map(value).collect::<Value>();
        json!({
            "ok": self.is_fine(),
            "verified": false,
            "caller": words::caller_code(self.kind),
            "because": self.because,
            "header": list(&self.header),
            "claims": list(&self.claims),
            "findings": self.findings.iter().map(Finding::to_value).collect::<Value>(),
        })
        .to_string()
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        render::line(
            out,
            ALARM,
            "NOT VERIFIED: the signature was not checked, so anybody may have written this",
        )?;
        render::line(out, BOLD, words::caller(self.kind))?;
        render::row(out, "because", &self.because, "")?;
        render::line(out, BOLD, "Header")?;
        for fact in &self.header {
            fact.write(out, self.unredacted)?;
        }
        render::line(out, BOLD, "Claims")?;
        for fact in &self.claims {
            fact.write(out, self.unredacted)?;
        }
        if !self.unredacted && self.claims.iter().any(Fact::is_hidden) {
            writeln!(out, "  {}", facts::HIDDEN_NOTE)?;
        }
        if self.findings.is_empty() {
            return render::line(
                out,
                GOOD,
                "Nothing looks wrong, as far as can be seen without the keys",
            );
        }
        render::line(out, BOLD, "What to look at")?;
        for finding in &self.findings {
            render::finding(out, finding)?;
        }
        Ok(())
    }
}
