//! What is known of one object or array while its members are read: what it is about, and what the key just read says.
//!
//! Owns the state only; `members` finds out what holds.

use std::rc::Rc;

use crate::phi::{class::Class, cues::KeyClass};

/// What holds for the values directly inside one container.
#[derive(Default)]
pub(super) struct Frame {
    pub(super) object: bool,
    /// The class of the key that holds this container.
    pub(super) class: KeyClass,
    /// The class of the field that this object speaks about.
    pub(super) subject: Option<Class>,
    /// The key that names the field, if any: its value is a field name, not a value.
    pub(super) names_field: Option<usize>,
    /// `name` and `title` here belong to something that is no person.
    pub(super) thing: bool,
    /// Beside the release of that thing, `family` is what it is called: `{"os":{"family":"Android","major":"14"}}`.
    pub(super) released: bool,
    /// That thing is a place or a company, which can be called and written to; and whether the next member is one.
    pub(super) site: bool,
    pub(super) member_site: bool,
    /// A street or a code of the post and a town stand in it: what is beside them is of the address.
    pub(super) housed: bool,
    /// How many keys of this object are placeholders.
    pub(super) renamed: u32,
    /// The class of the member whose value comes next, and what its key says.
    pub(super) member: KeyClass,
    pub(super) role: Role,
    /// The key of the next member is a word for something that is no person: `organization`, `logger`.
    pub(super) member_thing: bool,
    /// The key of the next member names a birth or a death, so a number under it is no age of a cache.
    pub(super) member_born: bool,
    /// `display` here is the name of a person: `reference` beside it points to one.
    pub(super) person: bool,
    /// A statement of SQL stands in this object, so `params` are its values.
    pub(super) statement: bool,
    /// The classes of the columns that its values are for.
    pub(super) bound: Rc<[KeyClass]>,
    /// The classes of columns that an array beside the rows names; and how many values of the row were read.
    pub(super) columns: Rc<[KeyClass]>,
    pub(super) column: usize,
    /// Where the name of a field stands, in an array of a name and its value.
    pub(super) pair_name: Option<usize>,
    /// An array that holds a birth date or an address of mail: its other elements are the same person's.
    pub(super) record: bool,
    /// A member beside them says what is wrong, so a member with the name of a field holds what was sent.
    pub(super) explained: bool,
    /// The next member is the month or day of a date that parts of it spell: `{"year":1980,"month":2,"day":29}`.
    pub(super) of_day: bool,
    /// Which number a member of this object speaks of: `{"event":"nhs lookup failed","arg":"4505577104"}`.
    pub(super) announced: Option<Class>,
    /// What its `number` counts, by the key it stands under: `{"passport":{"number":"X1234567"}}`.
    pub(super) number_of: Option<Class>,
    /// It is a print of a body, so its `hash` is that of the print: `{"faceprint":{"hash":"5f0c…"}}`.
    pub(super) print: bool,
    /// Its keys are fields that NCPDP numbers.
    pub(super) telecom: bool,
    /// Its keys are elements of a driver's licence.
    pub(super) licence: bool,
    /// Beside a name, the id of a patient as a hospital writes it: `RAD-0091772`.
    pub(super) record_id: bool,
    /// A person is named in this object, so `start` and `end` are of a visit; and what happened to them, so `at` is too.
    pub(super) visit: bool,
    /// They are a patient, by the key of the name or a birth date.
    pub(super) patient: bool,
    pub(super) told: bool,
    /// The next member is what is held for that person: a visit, an admission.
    pub(super) member_visit: bool,
    /// It is somebody insured, so its `id` may be the number of the plan; and whether the next member is.
    pub(super) insured: bool,
    pub(super) member_insured: bool,
    /// It fills the slots of a message to somebody; and whether the next member does.
    pub(super) filling: bool,
    pub(super) member_filling: bool,
}

impl Frame {
    pub(super) fn new(object: bool, class: KeyClass, subject: Option<Class>) -> Frame {
        Frame { object, class, subject, member: class, ..Frame::default() }
    }
}

/// What the key of a member says about its value, besides a class.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Role {
    #[default]
    Plain,
    /// The value that was sent, as validators quote it.
    Value,
    /// A sentence about the field.
    Message,
    /// The name of a field.
    FieldName,
    /// What a clinician or patient wrote.
    Prose,
    /// Under `name`: a person, or any thing.
    AnyName,
    /// Under `signature` and `policy_name`: a person, or what a filter of packets knows and does.
    Ruled,
    /// The values bound to a statement.
    Bound,
    /// Values in the order of columns.
    Row,
    /// Under `first` or `last`: a name, or the first of anything.
    GivenOrFamily,
    /// Under `arg`, `number` and the like, beside a member that speaks of such a number.
    Announced,
    /// Under `q`, `search` and the like: what was searched for.
    Search,
    /// Under `approver`, `signedBy` and the like: who did it, or what.
    Actor,
    /// Under `user` and the like: what who is signed in is called.
    Login,
    /// Under `patient`, `cardholder` and the like: a name, where it reads as one.
    Person,
    /// Under `policy`, `member` and the like: the number of somebody insured, or anything.
    Member,
    /// The `id` of an object that is somebody insured.
    InsuredId,
    /// Under `account`, `cpr` and the like: such a number, or anything.
    Cued(Class),
    /// Under `to`, `from` and the like: the line a message goes to, or anything.
    Line,
    /// In a slot of a message: what somebody is told.
    Filled,
}
