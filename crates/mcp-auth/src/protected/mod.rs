//! `Protected`: an application whose every path is guarded, but for what is called public.

mod app;
mod probes;

pub use app::Protected;
