//! The named character references of HTML that stand in and around names.
//!
//! Owns the table only; where a reference begins and ends is for the decoders to say.

/// What `name`, without its `&` and `;`, stands for.
pub(crate) fn named(name: &str) -> Option<char> {
    let at = NAMED.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    Some(NAMED[at].1)
}

/// Sorted by bytes: marks, and the Latin letters of the WHATWG list of named character references.
#[rustfmt::skip] // Rows of letters, not one a line.
const NAMED: [(&str, char); 219] = [
    ("AElig", 'Æ'), ("Aacute", 'Á'), ("Abreve", 'Ă'), ("Acirc", 'Â'), ("Agrave", 'À'), ("Amacr", 'Ā'), ("Aogon", 'Ą'),
    ("Aring", 'Å'), ("Atilde", 'Ã'), ("Auml", 'Ä'), ("Cacute", 'Ć'), ("Ccaron", 'Č'), ("Ccedil", 'Ç'), ("Ccirc", 'Ĉ'),
    ("Cdot", 'Ċ'), ("Dcaron", 'Ď'), ("Dstrok", 'Đ'), ("ENG", 'Ŋ'), ("ETH", 'Ð'), ("Eacute", 'É'), ("Ecaron", 'Ě'),
    ("Ecirc", 'Ê'), ("Edot", 'Ė'), ("Egrave", 'È'), ("Emacr", 'Ē'), ("Eogon", 'Ę'), ("Euml", 'Ë'), ("Gbreve", 'Ğ'),
    ("Gcedil", 'Ģ'), ("Gcirc", 'Ĝ'), ("Gdot", 'Ġ'), ("Hcirc", 'Ĥ'), ("Hstrok", 'Ħ'), ("IJlig", 'Ĳ'), ("Iacute", 'Í'),
    ("Icirc", 'Î'), ("Idot", 'İ'), ("Igrave", 'Ì'), ("Imacr", 'Ī'), ("Iogon", 'Į'), ("Itilde", 'Ĩ'), ("Iuml", 'Ï'),
    ("Jcirc", 'Ĵ'), ("Kcedil", 'Ķ'), ("Lacute", 'Ĺ'), ("Lcaron", 'Ľ'), ("Lcedil", 'Ļ'), ("Lmidot", 'Ŀ'),
    ("Lstrok", 'Ł'), ("Nacute", 'Ń'), ("Ncaron", 'Ň'), ("Ncedil", 'Ņ'), ("Ntilde", 'Ñ'), ("OElig", 'Œ'),
    ("Oacute", 'Ó'), ("Ocirc", 'Ô'), ("Odblac", 'Ő'), ("Ograve", 'Ò'), ("Omacr", 'Ō'), ("Oslash", 'Ø'),
    ("Otilde", 'Õ'), ("Ouml", 'Ö'), ("Racute", 'Ŕ'), ("Rcaron", 'Ř'), ("Rcedil", 'Ŗ'), ("Sacute", 'Ś'),
    ("Scaron", 'Š'), ("Scedil", 'Ş'), ("Scirc", 'Ŝ'), ("THORN", 'Þ'), ("Tcaron", 'Ť'), ("Tcedil", 'Ţ'),
    ("Tstrok", 'Ŧ'), ("Uacute", 'Ú'), ("Ubreve", 'Ŭ'), ("Ucirc", 'Û'), ("Udblac", 'Ű'), ("Ugrave", 'Ù'),
    ("Umacr", 'Ū'), ("Uogon", 'Ų'), ("Uring", 'Ů'), ("Utilde", 'Ũ'), ("Uuml", 'Ü'), ("Wcirc", 'Ŵ'), ("Yacute", 'Ý'),
    ("Ycirc", 'Ŷ'), ("Yuml", 'Ÿ'), ("Zacute", 'Ź'), ("Zcaron", 'Ž'), ("Zdot", 'Ż'), ("aacute", 'á'), ("abreve", 'ă'),
    ("acirc", 'â'), ("aelig", 'æ'), ("agrave", 'à'), ("amacr", 'ā'), ("amp", '&'), ("angst", 'Å'), ("aogon", 'ą'),
    ("apos", '\''), ("aring", 'å'), ("atilde", 'ã'), ("auml", 'ä'), ("bsol", '\\'), ("cacute", 'ć'), ("ccaron", 'č'),
    ("ccedil", 'ç'), ("ccirc", 'ĉ'), ("cdot", 'ċ'), ("colon", ':'), ("comma", ','), ("commat", '@'), ("dcaron", 'ď'),
    ("dstrok", 'đ'), ("eacute", 'é'), ("ecaron", 'ě'), ("ecirc", 'ê'), ("edot", 'ė'), ("egrave", 'è'), ("emacr", 'ē'),
    ("eng", 'ŋ'), ("eogon", 'ę'), ("equals", '='), ("eth", 'ð'), ("euml", 'ë'), ("fnof", 'ƒ'), ("gacute", 'ǵ'),
    ("gbreve", 'ğ'), ("gcirc", 'ĝ'), ("gdot", 'ġ'), ("gt", '>'), ("hcirc", 'ĥ'), ("hellip", '…'), ("hstrok", 'ħ'),
    ("hyphen", '-'), ("iacute", 'í'), ("icirc", 'î'), ("igrave", 'ì'), ("ijlig", 'ĳ'), ("imacr", 'ī'), ("imath", 'ı'),
    ("imped", 'Ƶ'), ("inodot", 'ı'), ("iogon", 'į'), ("itilde", 'ĩ'), ("iuml", 'ï'), ("jcirc", 'ĵ'), ("jmath", 'ȷ'),
    ("kcedil", 'ķ'), ("kgreen", 'ĸ'), ("lacute", 'ĺ'), ("laquo", '«'), ("lcaron", 'ľ'), ("lcedil", 'ļ'),
    ("ldquo", '"'), ("lmidot", 'ŀ'), ("lowbar", '_'), ("lpar", '('), ("lsqb", '['), ("lsquo", '\''), ("lstrok", 'ł'),
    ("lt", '<'), ("mdash", '-'), ("nacute", 'ń'), ("napos", 'ŉ'), ("nbsp", ' '), ("ncaron", 'ň'), ("ncedil", 'ņ'),
    ("ndash", '-'), ("ntilde", 'ñ'), ("num", '#'), ("oacute", 'ó'), ("ocirc", 'ô'), ("odblac", 'ő'), ("oelig", 'œ'),
    ("ograve", 'ò'), ("omacr", 'ō'), ("oslash", 'ø'), ("otilde", 'õ'), ("ouml", 'ö'), ("period", '.'), ("plus", '+'),
    ("quot", '"'), ("racute", 'ŕ'), ("raquo", '»'), ("rcaron", 'ř'), ("rcedil", 'ŗ'), ("rdquo", '"'), ("rpar", ')'),
    ("rsqb", ']'), ("rsquo", '\''), ("sacute", 'ś'), ("scaron", 'š'), ("scedil", 'ş'), ("scirc", 'ŝ'),
    ("shy", '\u{AD}'), ("sol", '/'), ("szlig", 'ß'), ("tcaron", 'ť'), ("tcedil", 'ţ'), ("thorn", 'þ'),
    ("tstrok", 'ŧ'), ("uacute", 'ú'), ("ubreve", 'ŭ'), ("ucirc", 'û'), ("udblac", 'ű'), ("ugrave", 'ù'),
    ("umacr", 'ū'), ("uogon", 'ų'), ("uring", 'ů'), ("utilde", 'ũ'), ("uuml", 'ü'), ("wcirc", 'ŵ'), ("yacute", 'ý'),
    ("ycirc", 'ŷ'), ("yuml", 'ÿ'), ("zacute", 'ź'), ("zcaron", 'ž'), ("zdot", 'ż'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_sorted_so_that_each_is_found() {
        assert!(NAMED.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(named("igrave"), Some('ì'));
        assert_eq!(named("Scaron"), Some('Š'));
        assert_eq!(named("nothing"), None);
    }
}
