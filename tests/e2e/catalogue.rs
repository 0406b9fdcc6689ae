//! The catalogue of errors against an authority's errors.

use entra_obo::aadsts;

/// A user who tries things out on the local Entra ID gets each of its errors explained.
#[test]
fn every_error_of_the_local_entra_id_is_explained() {
    let unknown: Vec<u32> = entra_emulator::error_codes()
        .filter(|&number| aadsts::lookup(u64::from(number)).is_none())
        .collect();
    assert_eq!(unknown, [0_u32; 0]);
    assert!(entra_emulator::error_codes().len() > 40);
}
