//! What is wrong with a policy, where, and what to write instead.
//!
//! Messages are built from our own words, key names and the closed words of the policy. They never quote a value: what
//! stands in the wrong place may be a key or a token. Excerpts hide values for the same reason (see `source`).

use std::fmt;
use std::path::{Path, PathBuf};

use super::nearest::nearest;
use super::source::{self, Scalar};
use super::syntax;
use super::tree::Node;

/// More than these are counted, not kept.
const PROBLEMS_MAX: usize = 100;

/// A place in the file. Lines and columns count from 1, columns in characters; length 0 is "to the end of the line".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    pub column: usize,
    pub length: usize,
}

impl Position {
    pub const START: Position = Position { line: 1, column: 1, length: 0 };
    /// Of what is not written.
    pub const NOWHERE: Position = Position { line: 0, column: 0, length: 0 };

    pub const fn new(line: usize, column: usize, length: usize) -> Position {
        Position { line, column, length }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub at: Position,
    /// Key path; empty when the file as a whole is meant.
    pub path: String,
    pub message: String,
    /// The line with its values hidden and a line of carets under the place.
    pub excerpt: Option<(String, String)>,
}

/// Something that is allowed and probably not meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub problem: Problem,
    /// Holds from this second of the Unix epoch on: an exception expires without the file being touched.
    pub since_unix: u64,
}

/// Something that is wrong until a second of the Unix epoch, such as a day that is still to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Premature {
    pub problem: Problem,
    pub until_unix: u64,
}

/// A file that a policy names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    pub at: Position,
    pub key_path: String,
    pub path: PathBuf,
}

/// What a policy without problems leaves besides itself.
#[derive(Clone, Debug, Default)]
pub struct Noted {
    pub warnings: Vec<Warning>,
    pub premature: Vec<Premature>,
    pub files: Vec<NamedFile>,
}

/// All that is wrong with one file, in the order of the file once [`Problems::finish`] has run.
#[derive(Clone, Debug)]
pub struct Problems {
    file: String,
    list: Vec<Problem>,
    /// Boxed, since `Problems` travels in results.
    noted: Box<Noted>,
    left_out: usize,
    /// Boxed likewise.
    source: Option<Box<(String, Option<Vec<Scalar>>)>>,
}

impl Problems {
    pub fn new(file: &str) -> Problems {
        Problems { file: file.to_owned(), list: Vec::new(), noted: Box::default(), left_out: 0, source: None }
    }

    /// A single problem with the file as a whole.
    pub fn of_file(file: &str, message: impl Into<String>) -> Problems {
        let mut problems = Problems::new(file);
        problems.add(Position::START, "", message);
        problems
    }

    pub fn add(&mut self, at: Position, path: impl Into<String>, message: impl Into<String>) {
        if self.list.len() == PROBLEMS_MAX {
            self.left_out += 1;
            return;
        }
        self.list.push(Problem { at, path: path.into(), message: message.into(), excerpt: None });
    }

    /// Reports the one problem after which nothing else can be trusted, instead of what was found so far.
    pub fn stop(&mut self, at: Position, message: impl Into<String>) {
        self.list.clear();
        self.left_out = 0;
        self.add(at, "", message);
    }

    /// `node` is not what the key takes. Returns `None`, so that readers can end with it.
    pub fn expected<T>(&mut self, node: &Node, what: &str) -> Option<T> {
        let quoted = node.text().is_some_and(|text| text.starts_with(['“', '”', '„', '‘', '’']));
        let slip = if quoted { "; these quotes are none of YAML: write \" or '" } else { "" };
        self.add(node.at, &node.path, format!("expected {what}; found {}{slip}", node.kind()));
        None
    }

    /// As `expected`, for keys or items: text that stands there is often one with a sign missing.
    pub fn expected_many<T>(&mut self, node: &Node, what: &str) -> Option<T> {
        let slip = node.text().and_then(syntax::slip).map(|advice| format!("; {advice}")).unwrap_or_default();
        self.add(node.at, &node.path, format!("expected {what}; found {}{slip}", node.kind()));
        None
    }

    /// A key with nothing behind it is what a template leaves that rendered nothing. Where none opens something, that has to
    /// be written.
    pub fn nothing_here(&mut self, at: Position, path: &str, what: &str) {
        self.add(at, path, format!("nothing is here; expected {what}"));
    }

    /// As `expected`, naming the nearest of the words that could stand here.
    pub fn expected_word<'w, T>(
        &mut self,
        node: &Node,
        what: &str,
        words: impl IntoIterator<Item = &'w str>,
    ) -> Option<T> {
        let found = match node.text().and_then(|text| self.nearest(text, words)) {
            Some(word) => format!("other text; did you mean `{word}`?"),
            None if node.kind() == "text" => "other text".to_owned(),
            None => node.kind().to_owned(),
        };
        self.add(node.at, &node.path, format!("expected {what}; found {found}"));
        None
    }

    /// As [`nearest`], unless nobody would read it: keeps a file full of mistakes from costing seconds.
    pub fn nearest<'w>(&self, word: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
        if self.list.len() == PROBLEMS_MAX { None } else { nearest(word, words) }
    }

    pub fn warn(&mut self, at: Position, path: impl Into<String>, message: impl Into<String>) {
        self.warn_since(0, at, path, message);
    }

    pub fn warn_since(
        &mut self,
        since_unix: u64,
        at: Position,
        path: impl Into<String>,
        message: impl Into<String>,
    ) {
        if self.noted.warnings.len() < PROBLEMS_MAX {
            let problem = Problem { at, path: path.into(), message: message.into(), excerpt: None };
            self.noted.warnings.push(Warning { problem, since_unix });
        }
    }

    /// A problem until `until_unix`, for whoever knows the time.
    pub fn add_until(
        &mut self,
        until_unix: u64,
        at: Position,
        path: impl Into<String>,
        message: impl Into<String>,
    ) {
        if self.noted.premature.len() < PROBLEMS_MAX {
            let problem = Problem { at, path: path.into(), message: message.into(), excerpt: None };
            self.noted.premature.push(Premature { problem, until_unix });
        }
    }

    /// Keeps in mind that the policy names a file here.
    pub(super) fn names_file(&mut self, node: &Node, path: &Path) {
        let file = NamedFile { at: node.at, key_path: node.path.clone(), path: path.to_owned() };
        self.noted.files.push(file);
    }

    /// Without the scalars of a file that could not be parsed.
    pub(super) fn set_source(&mut self, text: &str, scalars: Option<Vec<Scalar>>) {
        self.source = Some(Box::new((text.to_owned(), scalars)));
    }

    /// The files that the policy names, good or not.
    pub fn files(&self) -> &[NamedFile] {
        &self.noted.files
    }

    /// Takes in what was found of the same file in another look, finished like this one.
    pub fn absorb(&mut self, other: Problems) {
        self.list.extend(other.list);
        self.left_out += other.left_out;
        self.finish();
    }

    /// Sorts by place, adds excerpts and forgets the text of the file.
    pub fn finish(&mut self) {
        let order = |a: &Problem, b: &Problem| (a.at, &a.path, &a.message).cmp(&(b.at, &b.path, &b.message));
        self.list.sort_by(order);
        self.list.dedup();
        self.noted.warnings.sort_by(|a, b| order(&a.problem, &b.problem));
        let Some(source) = self.source.take() else { return };
        let (text, scalars) = &*source;
        let later = self.noted.warnings.iter_mut().map(|warning| &mut warning.problem);
        let later = later.chain(self.noted.premature.iter_mut().map(|premature| &mut premature.problem));
        for problem in self.list.iter_mut().chain(later) {
            problem.excerpt = source::excerpt(text, scalars.as_deref(), problem.at, &problem.path);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn len(&self) -> usize {
        self.list.len() + self.left_out
    }

    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.list.iter()
    }

    pub fn file(&self) -> &str {
        &self.file
    }

    /// How many problems are counted but not in `iter`.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// What a file without problems leaves.
    pub fn into_noted(self) -> Noted {
        *self.noted
    }

    /// What is allowed and probably not meant.
    pub fn warnings(&self) -> impl Iterator<Item = &Problem> {
        self.noted.warnings.iter().map(|warning| &warning.problem)
    }

    /// These problems of `file`, as they were found.
    pub fn of(file: &str, list: Vec<Problem>) -> Problems {
        Problems { list, ..Problems::new(file) }
    }
}

/// `line:column: path: message`, as editors and log readers expect.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.at.line, self.at.column)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

/// One line per problem, each with the name of the file.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.list.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{}:{problem}", self.file)?;
        }
        match self.left_out {
            0 => Ok(()),
            n => write!(f, "\n{}: and {n} more", self.file),
        }
    }
}

impl std::error::Error for Problems {}
