//! The codes of the device authorization flow (RFC 8628).

use std::sync::{Mutex, PoisonError};

use crate::errors::{AadError, table};
use crate::grants::Approval;
use crate::kept::{BYTES, KEPT};
use crate::tokens::random_text;

/// How long a device code lives, in seconds.
pub(crate) const DEVICE_LIFETIME: i64 = 900;
/// How long a device waits between two polls, in seconds.
pub(crate) const INTERVAL: i64 = 5;
/// Letters that a person does not mix up, as Entra uses them.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// What a device asked for.
#[derive(Clone)]
pub(crate) struct Asked {
    /// The tenant as the path of the request named it.
    pub(crate) segment: String,
    pub(crate) client_id: String,
    pub(crate) scope: String,
    /// The `claims` parameter, as it came.
    pub(crate) claims: Option<String>,
}

impl Asked {
    /// The bytes of what the client sent.
    fn size(&self) -> usize {
        let claims = self.claims.as_ref().map_or(0, String::len);
        self.segment.len() + self.client_id.len() + self.scope.len() + claims
    }
}

/// The codes of one emulator.
#[derive(Default)]
pub(crate) struct Devices(Mutex<Vec<Device>>);

struct Device {
    device_code: String,
    user_code: String,
    asked: Asked,
    issued_at: i64,
    polled_at: Option<i64>,
    state: State,
}

enum State {
    Waiting,
    Approved(Approval),
    Declined,
    Redeemed,
}

impl Devices {
    /// Forgets all of them.
    pub(crate) fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// The two codes: one for the device, one for the person.
    pub(crate) fn issue(&self, asked: Asked, now: i64) -> (String, String) {
        let codes = (random_text(4), user_code());
        self.with(|devices| {
            devices.retain(|d| d.issued_at.saturating_add(2 * DEVICE_LIFETIME) > now);
            let size = asked.size();
            let mut held: usize = devices.iter().map(|d| d.asked.size()).sum();
            let too_many = |devices: &Vec<Device>, held: usize| {
                devices.len() >= KEPT || held.saturating_add(size) > BYTES
            };
            while too_many(devices, held) && !devices.is_empty() {
                held = held.saturating_sub(devices.remove(0).asked.size());
            }
            devices.push(Device {
                device_code: codes.0.clone(),
                user_code: codes.1.clone(),
                asked,
                issued_at: now,
                polled_at: None,
                state: State::Waiting,
            });
        });
        codes
    }

    /// What the device with this code asked for, if it still waits for an answer.
    pub(crate) fn waiting(&self, user_code: &str, now: i64) -> Option<Asked> {
        self.with(|devices| {
            let device = devices.iter().find(|d| d.is_waiting(user_code, now))?;
            Some(device.asked.clone())
        })
    }

    /// The person's answer, `None` for no. Whether a device was waiting for it.
    pub(crate) fn answer(&self, user_code: &str, approval: Option<Approval>, now: i64) -> bool {
        self.with(|devices| {
            let device = devices.iter_mut().find(|d| d.is_waiting(user_code, now));
            device
                .map(|device| device.state = approval.map_or(State::Declined, State::Approved))
                .is_some()
        })
    }

    /// The tenant in which the person approved.
    pub(crate) fn tenant(&self, device_code: &str, now: i64) -> Result<String, AadError> {
        self.with(|devices| Ok(find(devices, device_code, now)?.0.tenant.clone()))
    }

    /// Uses an approved code up, if it is this client's.
    pub(crate) fn redeem(
        &self,
        device_code: &str,
        tenant: &str,
        client: &str,
        now: i64,
    ) -> Result<Approval, AadError> {
        self.with(|devices| {
            let (approval, state) = find(devices, device_code, now)?;
            if approval.tenant != tenant || approval.client != client {
                return Err(AadError::new(table::DEVICE_BAD_CODE));
            }
            *state = State::Redeemed;
            Ok(approval)
        })
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Vec<Device>) -> T) -> T {
        use_it(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Device {
    fn is_waiting(&self, user_code: &str, now: i64) -> bool {
        let matches = self.user_code.eq_ignore_ascii_case(user_code.trim());
        matches && matches!(self.state, State::Waiting) && !self.is_over(now)
    }

    fn is_over(&self, now: i64) -> bool {
        now >= self.issued_at.saturating_add(DEVICE_LIFETIME)
    }
}

/// The approval behind a code, or why there is none.
fn find<'a>(
    devices: &'a mut [Device],
    device_code: &str,
    now: i64,
) -> Result<(Approval, &'a mut State), AadError> {
    let device = devices
        .iter_mut()
        .find(|d| d.device_code == device_code)
        .ok_or_else(|| AadError::new(table::DEVICE_BAD_CODE))?;
    let over = device.is_over(now);
    match &device.state {
        State::Declined => {
            Err(AadError::new(table::DEVICE_BAD_CODE).called("authorization_declined"))
        }
        State::Redeemed => Err(AadError::new(table::CODE_REDEEMED)),
        _ if over => Err(AadError::new(table::DEVICE_EXPIRED)),
        State::Waiting => {
            let last = device.polled_at.replace(now);
            let pending = AadError::new(table::DEVICE_PENDING);
            // A second of grace, for clients that count whole seconds (RFC 8628, 3.5).
            let hasty = last.is_some_and(|at| now < at.saturating_add(INTERVAL - 1));
            Err(match hasty {
                true => pending.called("slow_down"),
                false => pending,
            })
        }
        State::Approved(approval) => Ok((approval.clone(), &mut device.state)),
    }
}

/// Nine letters and digits.
fn user_code() -> String {
    let random = uuid::Uuid::new_v4();
    let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).map(|b| char::from(*b));
    // Bytes 6 and 8 of a version 4 UUID are not all random.
    let bytes = random.as_bytes().iter().rev();
    bytes
        .take(7)
        .chain(random.as_bytes().iter().take(2))
        .filter_map(letter)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_devices_are_bounded_by_bytes() {
        let devices = Devices::default();
        let issue = || {
            let asked = Asked {
                segment: "t".to_owned(),
                client_id: "c".to_owned(),
                scope: "s".repeat(BYTES / 4),
                claims: None,
            };
            devices.issue(asked, 0).1
        };
        let codes: Vec<_> = (0..6).map(|_| issue()).collect();
        let waits = |code: &String| devices.waiting(code, 1).is_some();
        assert!(!waits(&codes[0]) && !waits(&codes[1]), "the oldest went");
        assert!(waits(&codes[5]));
    }
}
