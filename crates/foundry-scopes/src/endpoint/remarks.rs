//! What is said about a URL that was taken.

use std::borrow::Cow;

use super::note::{Note, NoteCode};
use super::path::{Path, Query, has_repeated_slash, tidy};
use super::raw::Raw;
use super::shape::{Shape, Version};

pub(super) fn text_notes(text: &str, raw: &Raw<'_>, notes: &mut Vec<Note>) {
    let scheme = if raw.web_socket { "wss://" } else { "https://" };
    let as_written = text
        .strip_prefix(scheme)
        .is_some_and(|rest| rest.starts_with(&*raw.host));
    if !as_written {
        notes.push(Note::new(
            NoteCode::HostCase,
            "scheme and host were put in lower case",
        ));
    }
    if raw.default_port {
        notes.push(Note::new(
            NoteCode::DefaultPort,
            "`:443` was removed: it is the default port",
        ));
    }
}

pub(super) fn path_notes(
    raw: &Raw<'_>,
    path: &Path<'_>,
    shape: &Shape<'_>,
    removed: &str,
    notes: &mut Vec<Note>,
) {
    if has_repeated_slash(raw.path) {
        notes.push(Note::new(
            NoteCode::DuplicateSlash,
            "repeated slashes became one",
        ));
    }
    if path.case_changed() {
        notes.push(Note::new(
            NoteCode::PathCase,
            "fixed parts of the path were put in lower case",
        ));
    }
    let given = tidy(raw.path);
    let kept = shape.base.trim_end_matches('/');
    match given.get(kept.len()..) {
        Some(cut) if !cut.is_empty() && shape.documented => notes.push(Note::new(
            NoteCode::PathRemoved,
            ["`", &shorten(cut), "` ", removed].concat(),
        )),
        Some(cut) if !cut.is_empty() => notes.push(Note::new(
            NoteCode::PathUnknown,
            [
                "`",
                &shorten(cut),
                "` was cut off: it is no documented path of this service",
            ]
            .concat(),
        )),
        _ if raw.path.len() > 1 && raw.path.ends_with('/') && !shape.base.ends_with('/') => {
            notes.push(Note::new(
                NoteCode::TrailingSlash,
                "the slash at the end was removed",
            ));
        }
        _ => {}
    }
}

pub(super) fn query_notes(query: &Query<'_>, version: Version, notes: &mut Vec<Note>) {
    if let Some(value) = query.api_version {
        notes.push(Note::new(
            NoteCode::ApiVersionRemoved,
            [
                "`api-version=",
                value,
                "` was taken out of the URL: give it to the client as its API version",
            ]
            .concat(),
        ));
    }
    if query.others {
        notes.push(Note::new(
            NoteCode::QueryRemoved,
            "the rest of the query was removed: a base address has none",
        ));
    }
    match (version, query.api_version) {
        (Version::Refused, Some(_)) => notes.push(Note::new(
            NoteCode::ApiVersionOnV1,
            "the v1 API answers 400 to any `api-version`: leave it out",
        )),
        (Version::Required, None) => notes.push(Note::new(
            NoteCode::ApiVersionMissing,
            "requests need `?api-version=v1`, or they are answered with 400",
        )),
        _ => {}
    }
}

fn shorten(text: &str) -> Cow<'_, str> {
    const LIMIT: usize = 100;
    match text.get(..LIMIT) {
        Some(start) if text.len() > LIMIT => Cow::Owned([start, "..."].concat()),
        _ => Cow::Borrowed(text),
    }
}
