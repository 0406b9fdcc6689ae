//! entra-obo
