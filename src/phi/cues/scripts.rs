//! Cue words in scripts other than Latin: what stands before a number in Greek, Cyrillic, Hebrew, Arabic, Devanagari, Thai,
//! Chinese, Japanese and Korean.
//!
//! Owns the words; how far a cue reaches is decided where numbers are judged. In scripts without blanks a word is the end of
//! its run.

use super::super::class::Class;

use Class::{Account, Date, Fax, Geo, HealthPlan, License, Mrn, Name, OtherId, Phone};

/// Words, in small letters, as they end a run of letters.
#[rustfmt::skip] // Rows of words, not one a line.
const WORDS: [(Class, &[&str]); 8] = [
    (Phone, &[
        "τηλ", "τηλέφωνο", "τηλεφωνο", "τηλεφώνου", "κινητό", "κινητο", "κιν", "тел", "телефон", "телефона", "телефону",
        "телефоном", "телефоны", "моб", "мобильный", "мобильного", "мобільний", "мобилен", "мобилни", "טלפון", "הטלפון", "טל", "נייד", "הנייד",
        "هاتف", "الهاتف", "هاتفه", "جوال", "الجوال", "موبايل", "تلفن", "موبائل", "فون", "फ़ोन", "फोन", "मोबाइल", "दूरभाष", "โทร", "โทรศัพท์", "เบอร์โทร",
        "电话", "電話", "手机", "手機", "手机号", "手机号码", "电话号码", "联系电话", "電話番号", "携帯", "携帯電話", "携帯番号", "連絡先",
        "전화", "전화번호", "휴대폰", "휴대전화", "핸드폰", "연락처",
    ]),
    (Fax, &["φαξ", "факс", "факса", "פקס", "فاكس", "फैक्स", "传真", "傳真", "ファックス", "팩스"]),
    (Date, &[
        "γέννησης", "γεννησης", "γεννήθηκε", "рождения", "рожд", "родился", "родилась", "народження", "раждане", "рођења", "לידה", "הלידה",
        "الميلاد", "ميلاد", "تولد", "जन्मतिथि", "जन्म", "出生", "出生日期", "生日", "生年月日", "誕生日", "생년월일", "생일",
    ]),
    (Mrn, &[
        "病历号", "病歷號", "病案号", "住院号", "门诊号", "就诊号", "診察券番号", "カルテ番号", "患者番号", "患者id", "차트번호", "등록번호", "환자번호",
        "карты", "медкарты", "истории", "картки", "रिकॉर्ड",
    ]),
    (HealthPlan, &[
        "полис", "полиса", "полису", "омс", "дмс", "医保卡号", "社保号", "保険証番号", "被保険者番号", "건강보험번호", "פוליסה",
        "التأمين",
    ]),
    (License, &["паспорт", "паспорта", "διαβατήριο", "διαβατηρίου", "דרכון", "جواز", "护照", "护照号", "護照", "パスポート", "旅券番号", "여권번호", "여권"]),
    (OtherId, &[
        "снилс", "инн", "рнокпп", "іпн", "егн", "јмбг", "αμκα", "αφμ", "זהות", "תז", "الهوية", "هوية", "आधार", "身份证", "身份证号",
        "身份证号码", "身分證", "マイナンバー", "個人番号", "주민번호", "주민등록번호",
    ]),
    (Account, &["λογαριασμός", "счет", "счёт", "счета", "рахунок", "حساب", "银行卡号", "口座番号", "계좌번호"]),
];

/// Words for names and addresses: as keys only, for in running text anything may follow them.
#[rustfmt::skip] // Rows of words, not one a line.
const KEY_WORDS: [(Class, &[&str]); 2] = [
    (Name, &[
        "姓名", "名字", "患者姓名", "氏名", "患者名", "名前", "お名前", "フリガナ", "カナ", "姓", "이름", "성명", "성함", "환자명", "имя", "фамилия", "отчество", "фио",
        "ім'я", "імя", "прізвище", "име", "фамилно", "презиме", "ονομα", "όνομα", "επωνυμο", "επώνυμο", "ονοματεπώνυμο", "שם", "משפחה", "פרטי",
        "اسم", "الاسم", "الاسم الكامل", "اللقب", "نام", "नाम", "ชื่อ", "นามสกุล",
    ]),
    (Geo, &[
        "地址", "住址", "住所", "郵便番号", "邮编", "주소", "адрес", "адреса", "город", "индекс", "διεύθυνση", "διευθυνση", "כתובת", "العنوان", "عنوان", "पता", "ที่อยู่",
    ]),
];

/// The class that a key in another script names: any of its words for a name or an address, else its last word.
pub(crate) fn key_class(key: &str) -> Option<Class> {
    if !key.chars().any(|c| c >= '\u{370}' && c.is_alphabetic()) {
        return None;
    }
    let lower = key.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty());
    let last = words.clone().next_back()?;
    let known = |word: &str| {
        let names = |list: &&(Class, &[&str])| {
            list.1.iter().any(|known| {
                *known == word || known.len() >= 6 && known.starts_with(wide) && word.ends_with(known)
            })
        };
        KEY_WORDS.iter().find(names).map(|(class, _)| *class)
    };
    announced(last).map(|(class, _)| class).or_else(|| words.find_map(known))
}

fn wide(c: char) -> bool {
    c >= '\u{e00}'
}

/// The class that a run of letters announces, with our own spelling of the word.
pub(crate) fn announced(run: &str) -> Option<(Class, &'static str)> {
    let lower = run.to_lowercase();
    WORDS.iter().find_map(|(class, words)| {
        let said = |word: &&&str| lower == **word || word.starts_with(wide) && lower.ends_with(**word);
        words.iter().find(said).map(|word| (*class, *word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_other_scripts_name_a_class() {
        for (key, class) in [
            ("姓名", Name),
            ("身份证号", OtherId),
            ("اسم المريض", Name),
            ("фамилия", Name),
            ("дата_рождения", Date),
            ("電話番号", Phone),
            ("住所", Geo),
        ] {
            assert_eq!(key_class(key), Some(class), "{key}");
        }
        for key in ["错误", "сообщение", "خطأ", "状態", "naïve", "name"] {
            assert_eq!(key_class(key), None, "{key}");
        }
    }

    #[test]
    fn words_of_other_scripts_announce_numbers() {
        for (run, class) in [
            ("τηλ", Phone),
            ("Телефон", Phone),
            ("患者電話番号", Phone),
            ("휴대폰", Phone),
            ("СНИЛС", OtherId),
            ("出生日期", Date),
        ] {
            assert_eq!(announced(run).map(|(class, _)| class), Some(class), "{run}");
        }
        for run in ["тело", "телефония", "é", "电", "患者"] {
            assert_eq!(announced(run), None, "{run}");
        }
    }
}
