//! `scopes.catalogue`: a resource by one of its spellings, against one hit in a map of the same spellings.
//!
//! Both maps are filled before the clock starts.

use std::collections::HashMap;
use std::error::Error;
use std::hint::black_box;

use foundry_scopes::KnownCloud;
use foundry_scopes::catalogue::{self, Resource};

use crate::figure::Figure;
use crate::harness::interleaved;

const LIMIT: f64 = 5.0;

pub(crate) fn figures() -> Result<Vec<Figure>, Box<dyn Error>> {
    let spellings: Vec<(&str, &Resource)> = catalogue::all()
        .flat_map(|resource| {
            let clouds = KnownCloud::ALL.iter();
            clouds.flat_map(move |cloud| {
                let (own, other) = (
                    resource.identifiers(*cloud),
                    resource.other_spellings(*cloud),
                );
                own.iter().chain(other).map(move |uri| (*uri, resource))
            })
        })
        .filter(|(uri, _)| !uri.contains('*'))
        .collect();
    let map: HashMap<&str, &Resource> = spellings.iter().copied().collect();
    let measured = interleaved(
        spellings.len(),
        &[
            Box::new(|item| hit(&spellings, item, catalogue::by_identifier)),
            Box::new(|item| hit(&spellings, item, |uri| map.get(uri).copied())),
        ],
    )?;
    Ok(vec![Figure {
        bench: "scopes.catalogue",
        against: "one HashMap hit",
        ours: measured.time(0),
        theirs: measured.time(1),
        ratio: measured.ratio(0, 1),
        limit: LIMIT,
    }])
}

/// The right resource was found.
fn hit<'a>(
    spellings: &[(&str, &'a Resource)],
    item: usize,
    find: impl Fn(&str) -> Option<&'a Resource>,
) -> bool {
    spellings.get(item).is_some_and(|(uri, owner)| {
        find(black_box(uri)).is_some_and(|found| std::ptr::eq(found, *owner))
    })
}
