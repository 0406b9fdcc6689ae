//! One measured ratio, and how it is shown.

use std::fmt::Write as _;

/// Ours against something else; smaller is better.
pub(crate) struct Figure {
    pub(crate) bench: &'static str,
    pub(crate) against: &'static str,
    /// Nanoseconds for one operation.
    pub(crate) ours: f64,
    pub(crate) theirs: f64,
    pub(crate) ratio: f64,
    pub(crate) limit: f64,
}

impl Figure {
    /// What is compared is what is shown.
    fn rounded(&self) -> f64 {
        let factor = 10_f64.powi(self.decimals() as i32);
        (self.ratio * factor).round() / factor
    }

    /// Two, and three where the limit is a fraction.
    fn decimals(&self) -> usize {
        if self.limit < 1.0 { 3 } else { 2 }
    }

    /// Names that end so count instead of timing: the figure is the number.
    fn is_count(&self) -> bool {
        [".allocations", ".bytes", ".requests"]
            .iter()
            .any(|end| self.bench.ends_with(end))
    }

    fn shown(&self, value: f64) -> String {
        if self.is_count() {
            format!("{value:.0}")
        } else {
            format!("{:.2} us", value / 1000.0)
        }
    }

    pub(crate) fn ok(&self) -> bool {
        self.rounded() <= self.limit
    }

    pub(crate) fn json(&self) -> String {
        format!(
            "{{\"bench\":\"{}\",\"ratio\":{},\"limit\":{},\"ok\":{}}}",
            self.bench,
            self.rounded(),
            self.limit,
            self.ok()
        )
    }
}

pub(crate) fn table(figures: &[Figure]) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{:<32} {:>10} {:>10}  {:>6} {:>6}  {:<4} against",
        "benchmark", "ours", "theirs", "ratio", "limit", "ok"
    );
    for figure in figures {
        let _ = writeln!(
            text,
            "{:<32} {:>10} {:>10}  {:>6.decimals$} {:>6.decimals$}  {:<4} {}",
            figure.bench,
            figure.shown(figure.ours),
            figure.shown(figure.theirs),
            figure.rounded(),
            figure.limit,
            if figure.ok() { "yes" } else { "NO" },
            figure.against,
            decimals = figure.decimals()
        );
    }
    text
}

pub(crate) fn markdown(figures: &[Figure]) -> String {
    let mut text = String::from(
        "| benchmark | against | ours | theirs | ratio | limit |\n|---|---|--:|--:|--:|--:|\n",
    );
    for figure in figures {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {:.decimals$} | {:.decimals$} |",
            figure.bench,
            figure.against,
            figure.shown(figure.ours),
            figure.shown(figure.theirs),
            figure.rounded(),
            figure.limit,
            decimals = figure.decimals()
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::Figure;

    fn figure(ratio: f64) -> Figure {
        Figure {
            bench: "claims.cold",
            against: "the floor",
            ours: ratio,
            theirs: 1.0,
            ratio,
            limit: 1.2,
        }
    }

    #[test]
    fn one_object_of_exactly_this_shape() {
        assert_eq!(
            figure(1.1812).json(),
            r#"{"bench":"claims.cold","ratio":1.18,"limit":1.2,"ok":true}"#
        );
    }

    #[test]
    fn what_is_shown_is_what_is_compared() {
        assert!(figure(1.204).ok());
        assert!(!figure(1.206).ok());
    }
}
