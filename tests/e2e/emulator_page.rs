//! The page on the emulator names what there is.

const PAGE: &str = include_str!("../../docs/emulator.md");

#[test]
fn each_error_has_its_row() {
    for code in entra_emulator::error_codes() {
        assert!(PAGE.contains(&format!("| {code} | ")), "{code}");
    }
}

#[tokio::test]
async fn each_control_operation_has_its_row() {
    let world = cross_crate_tests::World::start().await.unwrap();
    let url = format!("{}/__emulator", world.emulator().base_url());
    let index: serde_json::Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    let operations = index["operations"].as_array().unwrap();
    assert!(!operations.is_empty());
    for operation in operations {
        let name = operation["operation"].as_str().unwrap();
        assert!(PAGE.contains(&format!("| `{name}` | ")), "{name}");
    }
}
