//! Wycheproof vectors for RSA signatures, through a key set entry, its key and the verification of
//! a digest.

use aws_lc_rs::digest::{SHA256, digest};
use base64_simd::URL_SAFE_NO_PAD;
use serde_json::json;
use wycheproof::{TestResult, rsa_pkcs1_verify as pkcs1, rsa_pss_verify as pss};

use super::{Algorithm, KeySet};

/// A key set of one key, as an authority would publish it.
fn key_set(n: &[u8], e: &[u8]) -> Option<KeySet> {
    let strip = |number: &[u8]| {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        URL_SAFE_NO_PAD.encode_to_string(&number[zeros..])
    };
    let document = json!({"keys": [{"kty": "RSA", "kid": "k", "n": strip(n), "e": strip(e)}]});
    KeySet::from_json(document.to_string().as_bytes()).ok()
}

/// Whether the signature is taken.
fn taken(keys: &KeySet, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
    keys.find("k", algorithm)
        .is_some_and(|key| key.verifies(algorithm, &digest(&SHA256, message), signature))
}

#[test]
fn pkcs1_signatures_are_taken_as_published() {
    let mut counts = [0; 3];
    for (name, least) in [
        (pkcs1::TestName::Rsa2048Sha256, 200),
        (pkcs1::TestName::Rsa3072Sha256, 200),
        (pkcs1::TestName::Rsa4096Sha256, 200),
        (pkcs1::TestName::Rsa8192Sha256, 50),
    ] {
        let set = pkcs1::TestSet::load(name).unwrap();
        let mut tests = 0;
        for group in &set.test_groups {
            let keys = key_set(&group.key.n, &group.key.e).unwrap();
            for test in &group.tests {
                tests += 1;
                let taken = taken(&keys, Algorithm::Rs256, &test.msg, &test.sig);
                let what = format!("{name:?} {} {}", test.tc_id, test.comment);
                match test.result {
                    TestResult::Valid => {
                        assert!(taken, "{what}");
                        counts[0] += 1;
                    }
                    TestResult::Invalid => {
                        assert!(!taken, "{what}");
                        counts[1] += 1;
                    }
                    // A missing NULL in the padding, which RFC 8017 lets a verifier take: we
                    // do not.
                    TestResult::Acceptable => {
                        assert!(!taken, "{what}");
                        counts[2] += 1;
                    }
                }
            }
        }
        assert!(tests >= least, "{name:?} has {tests} vectors");
    }
    assert!(counts[0] > 20 && counts[1] > 600, "{counts:?}");
}

/// RS256 is a signature with SHA-256: the same keys' signatures with other hashes are invalid.
#[test]
fn pkcs1_signatures_with_other_hashes_are_refused() {
    for name in [
        pkcs1::TestName::Rsa2048Sha224,
        pkcs1::TestName::Rsa2048Sha384,
        pkcs1::TestName::Rsa2048Sha512,
        pkcs1::TestName::Rsa2048Sha3_256,
        pkcs1::TestName::Rsa2048Sha512_256,
    ] {
        let set = pkcs1::TestSet::load(name).unwrap();
        for group in &set.test_groups {
            let keys = key_set(&group.key.n, &group.key.e).unwrap();
            // The invalid ones hold signatures with SHA-256, which are good ones here.
            let good = |test: &&pkcs1::Test| test.result == TestResult::Valid;
            for test in group.tests.iter().filter(good) {
                assert!(!taken(&keys, Algorithm::Rs256, &test.msg, &test.sig));
                assert!(!taken(&keys, Algorithm::Ps256, &test.msg, &test.sig));
            }
        }
    }
}

/// PS256 fixes the salt at 32 bytes and MGF1 with SHA-256 (RFC 7518, section 3.5).
#[test]
fn pss_signatures_are_taken_as_published() {
    for name in [
        pss::TestName::RsaPss2048Sha256Mgf1SaltLen32,
        pss::TestName::RsaPss3072Sha256Mgf1SaltLen32,
        pss::TestName::RsaPss4096Sha256Mgf1SaltLen32,
    ] {
        let set = pss::TestSet::load(name).unwrap();
        let mut good = 0;
        for group in &set.test_groups {
            let keys = key_set(&group.key.n, &group.key.e).unwrap();
            for test in &group.tests {
                let taken = taken(&keys, Algorithm::Ps256, &test.msg, &test.sig);
                let expected = test.result == TestResult::Valid;
                assert_eq!(taken, expected, "{name:?} {} {}", test.tc_id, test.comment);
                good += usize::from(taken);
            }
        }
        assert!(good > 0, "{name:?}");
    }
}

#[test]
fn pss_signatures_without_a_salt_are_refused() {
    let set = pss::TestSet::load(pss::TestName::RsaPss2048Sha256Mgf1SaltLen0).unwrap();
    let mut refused = 0;
    for group in &set.test_groups {
        let keys = key_set(&group.key.n, &group.key.e).unwrap();
        let good = |test: &&pss::Test| test.result == TestResult::Valid;
        for test in group.tests.iter().filter(good) {
            assert!(!taken(&keys, Algorithm::Ps256, &test.msg, &test.sig));
            refused += 1;
        }
    }
    assert!(refused > 0);
}
