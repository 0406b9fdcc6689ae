//! Circles between the source files of a crate: files that need each other cannot be read one by one.
//!
//! A file needs another if it imports from it, or names a path into it. What a child takes from the module that
//! holds it does not count, nor do tests.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use syn::visit::Visit;
use syn::{Attribute, Item, UseTree};

use crate::report::{StepResult, none_found};
use crate::workspace::{Workspace, directory_of, files_below};

/// What stays, by one of its files; `docs/architecture.md` says why.
const EXPLAINED: &[(&str, &str)] = &[("entra-emulator", "directory::app")];

/// The path of a module in its crate; the root is empty.
type Module = Vec<String>;
type Files = BTreeMap<Module, syn::File>;

pub(super) fn check(workspace: &Workspace) -> StepResult {
    let mut findings = Vec::new();
    let mut explained = 0;
    for package in workspace.published() {
        let folder = directory_of(package).join("src");
        let mut files = Files::new();
        for path in files_below(&folder, &|path| {
            path.extension().is_some_and(|it| it == "rs")
        })? {
            let text = std::fs::read_to_string(&path)
                .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            let file =
                syn::parse_file(&text).map_err(|error| format!("{}: {error}", path.display()))?;
            files.insert(module(path.strip_prefix(&folder).unwrap_or(&path)), file);
        }
        for circle in circles(&files) {
            let names: Vec<_> = circle.iter().map(|module| module.join("::")).collect();
            let known = EXPLAINED.iter().any(|(of, name)| {
                *of == package.name.as_str() && names.iter().any(|it| it == name)
            });
            match known {
                true => explained += 1,
                false => findings.push(format!("{}: {}", package.name, names.join(" <-> "))),
            }
        }
    }
    if explained != EXPLAINED.len() {
        findings.push("a circle that is explained is none any more".to_owned());
    }
    none_found(&findings)
}

fn module(path: &Path) -> Module {
    let mut parts: Module = path
        .with_extension("")
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    if parts
        .last()
        .is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str()))
    {
        parts.pop();
    }
    parts
}

/// What one file imports, re-exports and names.
#[derive(Default)]
struct Names {
    needed: Vec<Vec<String>>,
    exported: HashMap<String, Vec<String>>,
}

impl Names {
    fn of(file: &syn::File) -> Self {
        let mut names = Self::default();
        names.visit_file(file);
        names
    }
}

impl<'a> Visit<'a> for Names {
    fn visit_item(&mut self, item: &'a Item) {
        let attributes: &[Attribute] = match item {
            Item::Mod(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => &[],
        };
        if !attributes.iter().any(is_test) {
            syn::visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        let mut paths = Vec::new();
        spread(&item.tree, Vec::new(), &mut paths);
        match item.vis {
            syn::Visibility::Inherited => {
                self.needed.extend(paths.into_iter().map(|(_, path)| path));
            }
            _ => self.exported.extend(paths),
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let parts: Vec<_> = path
            .segments
            .iter()
            .map(|part| part.ident.to_string())
            .collect();
        if parts.len() > 1 {
            self.needed.push(parts);
        }
        syn::visit::visit_path(self, path);
    }
}

/// `#[cfg(test)]`, `#[cfg(all(test, ...))]`, `#[test]`.
fn is_test(attribute: &Attribute) -> bool {
    let syn::Meta::List(list) = &attribute.meta else {
        return attribute.path().is_ident("test");
    };
    let words = list.tokens.to_string();
    list.path.is_ident("cfg")
        && words
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| word == "test")
}

/// The paths of a `use`, each by the name that it is imported under.
fn spread(tree: &UseTree, before: Vec<String>, into: &mut Vec<(String, Vec<String>)>) {
    let with = |name: String| [before.clone(), vec![name]].concat();
    match tree {
        UseTree::Path(path) => spread(&path.tree, with(path.ident.to_string()), into),
        UseTree::Name(name) => into.push((name.ident.to_string(), with(name.ident.to_string()))),
        UseTree::Rename(name) => into.push((name.rename.to_string(), with(name.ident.to_string()))),
        UseTree::Glob(_) => into.push(("*".to_owned(), before)),
        UseTree::Group(group) => {
            for tree in &group.items {
                spread(tree, before.clone(), into);
            }
        }
    }
}

/// The file that a path leads to, through re-exports.
fn target(
    names: &BTreeMap<&Module, Names>,
    from: &Module,
    path: &[String],
    depth: usize,
) -> Option<Module> {
    let (first, mut rest) = path.split_first()?;
    let mut place = match first.as_str() {
        "crate" => Vec::new(),
        "self" => from.clone(),
        "super" => {
            let mut place = from.clone();
            place.pop();
            while let Some((first, further)) = rest.split_first()
                && first == "super"
            {
                place.pop();
                rest = further;
            }
            place
        }
        name => {
            let below = [from.clone(), vec![name.to_owned()]].concat();
            names.contains_key(&below).then_some(below)?
        }
    };
    while let Some((name, further)) = rest.split_first() {
        let below = [place.clone(), vec![name.clone()]].concat();
        if names.contains_key(&below) {
            (place, rest) = (below, further);
            continue;
        }
        let exported = names.get(&place).and_then(|of| of.exported.get(name));
        if let Some(exported) = exported.filter(|_| depth < 8)
            && let Some(found) = target(names, &place, exported, depth + 1)
        {
            return Some(found);
        }
        break;
    }
    Some(place)
}

fn circles(files: &Files) -> Vec<Vec<Module>> {
    let names: BTreeMap<&Module, Names> = files
        .iter()
        .map(|(module, file)| (module, Names::of(file)))
        .collect();
    let mut edges: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    for (module, of) in &names {
        let found = of
            .needed
            .iter()
            .filter_map(|path| target(&names, module, path, 0));
        // A child may take from the module that holds it.
        let found = found.filter(|to| names.contains_key(to) && !module.starts_with(to));
        edges.insert((*module).clone(), found.collect());
    }
    let next = |module: &Module| edges.get(module).into_iter().flatten();
    let reached: BTreeMap<&Module, BTreeSet<&Module>> = edges
        .keys()
        .map(|from| {
            let mut seen = BTreeSet::new();
            let mut waiting: Vec<&Module> = next(from).collect();
            while let Some(module) = waiting.pop() {
                if seen.insert(module) {
                    waiting.extend(next(module));
                }
            }
            (from, seen)
        })
        .collect();
    let reaches =
        |from: &Module, to: &Module| reached.get(from).is_some_and(|seen| seen.contains(to));
    let mut found: Vec<Vec<Module>> = Vec::new();
    for module in edges.keys().filter(|module| reaches(module, module)) {
        if !found.iter().any(|circle| circle.contains(module)) {
            let both = |other: &&Module| reaches(module, other) && reaches(other, module);
            found.push(edges.keys().filter(both).cloned().collect());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let files = files
            .iter()
            .map(|(path, text)| (module(Path::new(path)), syn::parse_file(text).unwrap()))
            .collect();
        let names = |circle: Vec<Module>| {
            circle
                .iter()
                .map(|it| it.join("::"))
                .collect::<Vec<_>>()
                .join(" ")
        };
        circles(&files).into_iter().map(names).collect()
    }

    #[test]
    fn files_that_need_each_other_are_found_through_re_exports() {
        let lib = "mod a; mod b; mod c; pub use b::B;";
        assert_eq!(
            found(&[
                ("lib.rs", lib),
                ("a.rs", "use crate::B; pub struct A(B);"),
                ("b/mod.rs", "mod inner; pub struct B;"),
                ("b/inner.rs", "fn f() { crate::a::g() }"),
                ("c.rs", "use crate::{a::A, b};"),
            ]),
            Vec::<String>::new()
        );
        assert_eq!(
            found(&[
                ("lib.rs", lib),
                ("a.rs", "use crate::{c, B}; pub struct A(B);"),
                ("b.rs", "pub struct B; impl B { fn f() { super::a::g() } }"),
                ("c.rs", "use crate::a::A;"),
            ]),
            ["a b c"]
        );
    }

    #[test]
    fn what_a_child_takes_and_what_tests_take_does_not_count() {
        let files = [
            ("lib.rs", "mod a; mod b;"),
            ("a/mod.rs", "mod inner; use inner::I;"),
            ("a/inner.rs", "use super::A;"),
            (
                "b.rs",
                "use crate::a::A; #[cfg(test)] mod tests { use crate::a; }",
            ),
            ("a/tests.rs", "use crate::b;"),
        ];
        assert_eq!(found(&files), Vec::<String>::new());
    }
}
