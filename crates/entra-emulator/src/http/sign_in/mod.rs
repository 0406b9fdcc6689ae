//! A person signs in: which questions are asked, in which order, and how the answers come
//! back.
//!
//! 1. [`Ask`] is what a client wants, [`Progress`] how far the person has come.
//! 2. [`Ask::next`] decides the next step from both and from the directory as it is now;
//!    nothing of a step is remembered but the answers.
//! 3. An answer counts only from the browser that was asked (`SignIns`): it needs the
//!    flow's id from the page, the cookie of the browser that opened it, and no foreign
//!    `Origin`.

pub(super) mod answer;
mod browser;
mod steps;

pub(super) use browser::Browser;
pub(super) use steps::{
    Ask, Chosen, Demand, Next, Permission, Prompt, may_sign_in, record_consent,
};
